"""Keeping libraries' warnings about what models write from the user's terminal."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# What is warned of is the whole process's business: two threads that each put it back as they found it would leave
# the first one's silence behind.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def no_warnings() -> Iterator[None]:
    """Within, nothing is warned of; only for work that holds Python's lock all the time anyway."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
