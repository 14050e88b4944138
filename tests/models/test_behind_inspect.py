"""What is said of a failure behind Inspect."""

import asyncio
from types import SimpleNamespace

import pytest

from derender.models import ActiveModel, Message, ModelError


def test_what_the_last_retry_raised_is_said_without_the_key():
    tenacity = pytest.importorskip("tenacity")
    pytest.importorskip("inspect_ai")

    async def refuse(*_: object, **__: object) -> None:
        attempt = tenacity.Future(1)
        attempt.set_exception(ConnectionError("nobody there for sk-very-secret"))
        raise tenacity.RetryError(attempt)

    class Refusing(str):
        api = SimpleNamespace(api_key="sk-very-secret", initial_api_key=None)
        generate = staticmethod(refuse)

    with pytest.raises(ModelError, match=r"some/model: nobody there for \*\*\*$"):
        asyncio.run(ActiveModel(Refusing("some/model")).ask([Message.user("Hm?")]))
