"""Fields of a request's body that no parameter of ours stands for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from derender.core import UserError

from .chat import Answer, ChatModel, Message, Sampling, forget

_OURS = frozenset({"model", "messages", "n", "stream"})


class Extended:
    """A `ChatModel` that is sent further fields with every question; they tell its answers apart in a cache.

    Args:
        model: whom to ask.
        fields: such as ``{"chat_template_kwargs": {"enable_thinking": False}}``; those of a question's own `Sampling`
            come before them.

    Raises:
        UserError: a field is not the user's to set.
    """

    def __init__(self, model: ChatModel, fields: Mapping[str, Any]) -> None:
        _check(fields)
        self._model = model
        self._fields = dict(fields)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def identity(self) -> str:
        """The model's identity, and the fields."""
        return f"{self._model.identity} {json.dumps(self._fields, sort_keys=True)}"

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The model's answer.

        Raises:
            ModelError: as the model does.
        """
        return await self._model.ask(messages, self._extended(sampling), deadline=deadline, item=item)

    async def forget(self, messages: Sequence[Message], sampling: Sampling | None = None) -> None:
        """Let go of what the model keeps of a talk."""
        await forget(self._model, messages, self._extended(sampling))

    def _extended(self, sampling: Sampling | None) -> Sampling:
        sampling = sampling or Sampling()
        return replace(sampling, extra={**self._fields, **sampling.extra})


def read_fields(text: str) -> dict[str, Any]:
    """Fields of a request's body, out of a JSON object.

    Raises:
        UserError: it is none, or a field is not the user's to set.
    """
    try:
        fields = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise UserError(f"further fields of a request's body must be a JSON object, not {text[:80]!r}")
    _check(fields)
    return fields


def _check(fields: Mapping[str, Any]) -> None:
    if taken := sorted(_OURS & set(fields)):
        raise UserError(f"the request's {', '.join(taken)} can't be set by further fields of its body")


def _no_number(word: str) -> Any:  # noqa: ANN401 - it returns nothing
    raise ValueError(word)
