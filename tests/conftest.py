"""One engine for all tests, without a cache, so that every rendering is a real one."""

import pytest

from derender.render import Engine


@pytest.fixture(scope="session")
def engine():
    with Engine(jobs=2, cache=False) as engine:
        yield engine
