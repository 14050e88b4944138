"""One arena for each module of attacks."""

import pytest
from arena import Arena, Unavailable


@pytest.fixture(scope="module")
def arena():
    """A closed world with a real engine in it."""
    arena = Arena()
    try:
        arena._started()
    except Unavailable as error:
        pytest.skip(str(error))
    yield arena
    arena.close()
