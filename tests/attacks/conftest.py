"""One arena for each module of attacks."""

import pytest
from arena import Arena, Unavailable

from derender.render.containers import bubblewrap


@pytest.fixture(scope="module")
def arena():
    """A closed world with a real engine in it."""
    yield from started(Arena())


@pytest.fixture(scope="module", params=["bubblewrap", "namespaces", "filters"])
def walled_arena(request):
    """The same with all walls, and with fewer: programs must be contained behind each."""
    if request.param == "bubblewrap" and bubblewrap() is None:
        pytest.skip("needs bubblewrap")
    yield from started(Arena(request.param))


def started(arena):
    """The arena, until the tests of a module are done with it."""
    try:
        arena._started()
    except Unavailable as error:
        pytest.skip(str(error))
    yield arena
    arena.close()
