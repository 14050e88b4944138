import resource
import signal

for number in signal.valid_signals():
    try:
        signal.signal(number, lambda *_: None)
    except (OSError, ValueError):
        pass
try:
    resource.setrlimit(resource.RLIMIT_CPU, (1 << 30, 1 << 30))
except (OSError, ValueError):
    pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
