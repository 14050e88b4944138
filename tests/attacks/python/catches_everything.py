import time

while True:
    try:
        time.sleep(0.05)
        raise SystemExit
    except BaseException:
        pass
