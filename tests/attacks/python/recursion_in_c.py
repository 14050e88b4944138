import sys
import threading

sys.setrecursionlimit(1 << 30)
threading.stack_size(1 << 20)


def overflow():
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    repr(nested)


thread = threading.Thread(target=overflow)
thread.start()
thread.join()
