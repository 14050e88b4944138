"""Answers in the content store: asked once, then at hand, also for a run that was killed and started again."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress

from derender.core.store import ContentStore, default_folder

from .chat import Answer, ChatModel, Message, Sample, Sampling, Usage, request_key
from .records import read_sample, read_usage, sample_row, usage_row

_FORMAT = "answer/1"


def answer_store() -> ContentStore:
    """The store of answers: ``answers`` in the cache's folder, apart from renderings, which must not push them out."""
    return ContentStore(default_folder() / "answers")


def kept(model: ChatModel, asked: ChatModel | None = None) -> ChatModel:
    """A model with the store of answers around it; recorded answers are kept already.

    Args:
        model: whose answers.
        asked: the same model with something around it that stands between store and model.
    """
    from .inspect import ActiveModel
    from .replay import Replay

    source = model.inner or model if isinstance(model, ActiveModel) else model
    return model if isinstance(source, Replay) else Cached(asked or model, answer_store())


class Cached:
    """A `ChatModel` whose answers are kept, each under model, place, messages, parameters and its index.

    No secret is part of key or entry. An answer without text is kept only where asking again would give the same: a
    refusal, or one that ran out of tokens.
    """

    def __init__(self, model: ChatModel, store: ContentStore) -> None:
        self._model = model
        self._store = store

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def identity(self) -> str:
        """The model's identity."""
        return self._model.identity

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The answer, as far as it is kept; the rest is asked for.

        Raises:
            ModelError: as the model does; what is kept stays.
        """
        sampling = sampling or Sampling()
        # Pictures are hashed and a store may be busy: meanwhile the loop must serve the others.
        keys, kept = await asyncio.to_thread(self._look, messages, sampling)
        samples = tuple(sample for sample, _ in kept)
        usages = [usage for _, usage in kept if usage is not None]
        saved = sum(usages, Usage()) if usages else None
        if len(samples) == sampling.n:
            return Answer(samples, self.name, Usage(), saved, cached=len(samples))
        new = await self._model.ask(messages, sampling.after(len(samples)), deadline=deadline, item=item)
        await asyncio.to_thread(self._keep, keys[len(samples) :], new)
        return Answer((*samples, *new.samples), new.model, new.usage, saved, new.elapsed_s, len(samples))

    def holds(self, messages: Sequence[Message], sampling: Sampling | None = None) -> bool:
        """Whether all answers to a talk are kept."""
        sampling = sampling or Sampling()
        return len(self._look(messages, sampling)[1]) == sampling.n

    async def forget(self, messages: Sequence[Message], sampling: Sampling | None = None) -> None:
        """Let go of what is kept of a talk, so that it is asked anew the next time."""
        await asyncio.to_thread(self._drop, messages, sampling or Sampling())

    def _drop(self, messages: Sequence[Message], sampling: Sampling) -> None:
        for index in range(sampling.n):
            self._store.drop(self._key(messages, sampling, index))

    def _look(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> tuple[list[str], list[tuple[Sample, Usage | None]]]:
        """The keys of all answers, and those that are kept."""
        keys = [self._key(messages, sampling, index) for index in range(sampling.n)]
        return keys, self._kept(keys)

    def _key(self, messages: Sequence[Message], sampling: Sampling, index: int) -> str:
        parts = [_FORMAT, self.identity, request_key(messages, sampling, index)]
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def _kept(self, keys: Sequence[str]) -> list[tuple[Sample, Usage | None]]:
        """The first answers, up to the first that is not kept."""
        found: list[tuple[Sample, Usage | None]] = []
        for key in keys:
            entry = self._store.get(key)
            if entry is None:
                break
            # An entry that a newer version wrote in another way is none.
            with suppress(ValueError):
                row = json.loads(entry.value)
                found.append((read_sample(row), read_usage(row)))
                continue
            break
        return found

    def _keep(self, keys: Sequence[str], answer: Answer) -> None:
        for index, (key, sample) in enumerate(zip(keys, answer.samples, strict=False)):
            if sample.text.strip() or sample.refusal or sample.finish == "length":
                # What a request cost can't be told apart by its samples: the first carries all of it.
                usage = answer.usage if index == 0 else Usage()
                self._store.put(key, json.dumps({**sample_row(sample), "usage": usage_row(usage)}).encode())
