import sys

sys.setrecursionlimit(1 << 30)


def deeper(n):
    return [deeper(n + 1) for _ in (1,)][0]


deeper(0)
