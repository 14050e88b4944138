"""Deleting a folder that a program could write to."""

import contextlib
import os
from itertools import count


def remove_tree(path: str) -> None:
    """Delete a folder, however deep the program has nested others in it and whatever modes it gave them.

    Nested folders are moved up beside it first, so that neither recursion nor the length of a path is a limit.
    """
    number = count()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        # Another process may be deleting the same: what is gone already is as well.
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
            for entry in list(os.scandir(folder)):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    aside = f"{path}.{os.getpid()}-{next(number)}"
                    os.rename(entry.path, aside)
                    waiting.append(aside)
                else:
                    os.unlink(entry.path)
            os.rmdir(folder)
