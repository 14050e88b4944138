"""Recorded answers, given again: a model without a model.

A recording is a JSONL file or a folder. A line of JSONL is one answer::

    {"id": "chart-7", "text": "```svg …"}                    to whatever is asked about that item
    {"key": "9f86d0…", "text": "…", "finish": "length"}      to exactly that request, see `request_key`
    {"id": "chart-7", "sample": 1, "text": "…"}              its second answer
    {"id": "chart-8", "text": "", "refusal": "I won't"}      a bad answer
    {"id": "chart-9", "error": "the endpoint was down"}      none at all

In a folder each ``.txt`` or ``.md`` file is the answer about the item it is named by, and ``.jsonl`` files are read
too. A run folder is taken by its ``reply``.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from derender.core import InfraError, UserError

from .chat import Answer, ChatModel, Message, Sample, Sampling, Usage, request_key
from .errors import ModelError, NotRecorded
from .records import read_sample, read_usage, sample_row, usage_row

_TEXTS = {".txt", ".md"}


@dataclass(frozen=True, slots=True)
class _Recorded:
    """One recorded answer, or why there was none."""

    sample: Sample | None
    usage: Usage | None = None
    error: str | None = None


class Replay:
    """A `ChatModel` that gives recorded answers, those by content key before those by id.

    Args:
        path: the recording.

    Raises:
        UserError: there is none, or a line of it is no answer; names the line.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._by_key: dict[str, _Recorded] = {}
        self._by_item: dict[tuple[str, int], _Recorded] = {}
        self._digest = hashlib.sha256()
        for source in _sources(self._path):
            if source.suffix in _TEXTS:
                self._put_text(source)
            else:
                self._put_lines(source)

    @property
    def name(self) -> str:
        """``replay/`` and the recording's name."""
        return f"replay/{self._path.name}"

    @cached_property
    def identity(self) -> str:
        """What was recorded, as a hash."""
        return f"replay {self._digest.hexdigest()}"

    def items(self) -> list[str]:
        """The ids of which there is an answer."""
        return list(dict.fromkeys(item for item, _ in self._by_item))

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The recorded answer.

        Raises:
            NotRecorded: there is none, or fewer samples than were asked for.
            ModelError: it was recorded that there was none.
        """
        sampling = sampling or Sampling()
        found = [self._find(messages, sampling, index, item) for index in range(sampling.n)]
        errors = [each.error for each in found if each.error is not None]
        if errors:
            raise ModelError(errors[0])
        usages = [each.usage for each in found if each.usage is not None]
        saved = sum(usages, Usage()) if usages else None
        samples = tuple(each.sample for each in found if each.sample is not None)
        return Answer(samples, self.name, Usage(), saved, cached=len(samples))

    def _find(self, messages: Sequence[Message], sampling: Sampling, index: int, item: str | None) -> _Recorded:
        key = request_key(messages, sampling, index)
        found = self._by_key.get(key)
        if found is None and item is not None:
            found = self._by_item.get((item, index))
        if found is not None:
            return found
        which = f"answer {index + 1} " if index else "answer "
        about = f"about {item!r}" if item is not None else "to this"
        raise NotRecorded(f"{self._path}: no {which}{about} is recorded (content key {key[:16]}…)")

    def _put_text(self, source: Path) -> None:
        text = _read(source)
        self._put_item(source.stem, 0, _Recorded(Sample(text)), str(source))
        self._digest.update(json.dumps([source.stem, text]).encode())

    def _put_lines(self, source: Path) -> None:
        for number, line in enumerate(_read(source).split("\n"), 1):
            if line.strip():
                self._put_line(line, f"{source}, line {number}")
                self._digest.update(line.encode("utf-8", "surrogatepass"))

    def _put_line(self, line: str, where: str) -> None:
        try:
            row = json.loads(line)
            recorded = _recorded(row)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{where}: is no recorded answer: {_why(error)}") from None
        key, item, index = row.get("key"), row.get("id"), row.get("sample", 0)
        if not isinstance(index, int) or isinstance(index, bool) or index < 0:
            raise UserError(f"{where}: sample must be 0 or more, not {index!r}")
        if key is None and item is None:
            raise UserError(f"{where}: has neither id nor key, so nothing is answered by it")
        if key is not None:
            if str(key) in self._by_key:
                raise UserError(f"{where}: key {key!r} has an answer already")
            self._by_key[str(key)] = recorded
        if item is not None:
            self._put_item(str(item), index, recorded, where, again=key is not None)

    def _put_item(self, item: str, index: int, recorded: _Recorded, where: str, *, again: bool = False) -> None:
        if (item, index) not in self._by_item:
            self._by_item[item, index] = recorded
        elif not again:
            # Of a line with a key an item may have many: draft, judgement, revision.
            raise UserError(f"{where}: {item!r} has an answer already; a second one needs its sample number")


class Recorded:
    """A `ChatModel` whose answers are appended to a JSONL file, for `Replay`.

    Raises:
        InfraError: the file can't be written.
    """

    def __init__(self, model: ChatModel, path: str | Path) -> None:
        self._model = model
        self._path = Path(path)
        self._lock = threading.Lock()

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
        """The model's answer, written down.

        Raises:
            ModelError: as the model does; nothing is written.
            InfraError: the file can't be written.
        """
        sampling = sampling or Sampling()
        answer = await self._model.ask(messages, sampling, deadline=deadline, item=item)
        lines = []
        for index, sample in enumerate(answer.samples):
            row = {"key": request_key(messages, sampling, index), "id": item, "sample": index, "model": answer.model}
            usage = answer.usage or answer.saved if index == 0 else Usage()
            lines.append(json.dumps({**row, **sample_row(sample), "usage": usage_row(usage)}) + "\n")
        self._append("".join(lines))
        return answer

    def _append(self, lines: str) -> None:
        try:
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            raise InfraError(f"{self._path}: can't be written ({error.strerror})") from None


def _sources(path: Path) -> Iterator[Path]:
    if path.is_file():
        if path.suffix in _TEXTS:
            raise UserError(f"{path}: a recording is a folder of such files, or a .jsonl file")
        yield path
        return
    if not path.is_dir():
        raise UserError(f"{path}: there is no recording")
    folder = path / "reply" if (path / "reply").is_dir() else path
    found = sorted(each for each in folder.iterdir() if each.suffix in {*_TEXTS, ".jsonl"} and each.is_file())
    if not found:
        raise UserError(f"{path}: holds no recorded answers, which are .txt, .md or .jsonl files")
    yield from found


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text") from None
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from None


def _recorded(row: Any) -> _Recorded:  # noqa: ANN401 - whatever JSON holds
    if isinstance(row, dict) and row.get("error") is not None:
        return _Recorded(None, None, str(row["error"]))
    return _Recorded(read_sample(row), read_usage(row))


def _why(error: Exception) -> str:
    return "it is no JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
