import pytest

from .endpoint import KEY, running


@pytest.fixture
def endpoint(monkeypatch):
    """A real HTTP server on loopback, and a key in the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with running() as server:
        yield server
