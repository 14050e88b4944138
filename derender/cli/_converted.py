"""What became of pictures and requests that programs were made of: written to the run folder, and said."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import BadPicture, DerenderError, InfraError, Language

from ._exits import one_line
from ._files import shown
from ._output import Output, mark, notes, seconds, style, why
from ._run_folder import RunFolder, rendering_row

if TYPE_CHECKING:
    from derender.models import Conversion


@dataclass(frozen=True, slots=True)
class Item:
    """One program to be made.

    Attributes:
        shown: what lines call it: the picture's file or the request, as the user wrote it.
        target: the program's language.
        stem: of the program and its rendering.
        given: what it is made of, as the results name it: ``image``; or ``request``, and ``file`` of an edit.
        image: the picture that the rendering is scored against, if there is one.
        reference: stem of that picture's copy in the run folder.
        notes: further fields of the item's line in the run folder.
        told: further fields of its result on standard output.
        facts: further words of its line for people.
    """

    shown: str
    target: Language
    stem: str
    given: Mapping[str, str]
    image: str | None = None
    reference: str | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


class Results:
    """Writes what was made and says so."""

    def __init__(self, folder: RunFolder, out: Output, model: str) -> None:
        self._folder = folder
        self._out = out
        self._model = model

    def add(self, item: Item, future: "Future[tuple[bytes, Conversion]]") -> None:
        """Write one item's files, then report it."""
        error = future.exception()
        if error is None:
            self.keep(item, *future.result())
        else:
            self.fail(item, error)

    def fail(self, item: Item, error: BaseException) -> None:
        """Report an item that no program came of.

        Raises:
            DerenderError: the whole run can't go on.
        """
        from derender.models import ModelError, NoAnswer

        if isinstance(error, BadPicture):
            self._out.rejected(_record(item, "bad_input", str(error)), str(error))
        elif isinstance(error, NoAnswer):
            self._fail(item, "no_code", str(error), error.reply)
        elif isinstance(error, ModelError | InfraError):
            self._fail(item, "model_failed", str(error))
        elif isinstance(error, DerenderError):
            raise error
        else:
            self._fail(item, "internal", f"{item.shown}: {self._model} failed: {type(error).__name__}: {error}")

    def _fail(self, item: Item, kind: str, sentence: str, reply: str | None = None) -> None:
        failure = {"kind": kind, "message": sentence, "line": None, "ours": kind != "no_code"}
        rendering = {"ok": False, "failure": failure, "pictures": [], "warnings": [], "elapsed_s": 0.0}
        try:
            self._keep_reply(item, reply)
            self._folder.record({**self._row(item), "rendering": rendering})
        except InfraError as error:
            sentence = f"{sentence}; and {error}"
        line = f"{mark(False)} {one_line(item.shown)}  {style(kind.replace('_', ' '), fg='red')}: {one_line(sentence)}"
        self._out.result(_record(item, kind, sentence), line, ok=False)

    def keep(self, item: Item, reference: bytes | None, made: "Conversion") -> None:
        """Write a program, its rendering and what it was made of, then report it."""
        try:
            program, picture = self._write(item, reference, made)
        except InfraError as error:
            self.not_written(item, error)
            return
        failure = made.rendering.failure
        self._out.contained(made.rendering.isolation)
        record = {
            **item.given,
            "program": str(program),
            "rendering": {
                "picture": str(picture) if picture else None,
                "ok": made.rendering.ok,
                "failure": failure.kind.value if failure else None,
                "message": failure.message if failure else None,
                "line": failure.line if failure else None,
                "warnings": list(made.rendering.warnings),
                "elapsed_s": round(made.rendering.elapsed_s, 4),
                "cached": made.rendering.cached,
            },
            "scores": _plain(made.scores),
            **item.told,
        }
        self._out.result(record, _line(item, made, program), ok=made.rendering.ok)

    def not_written(self, item: Item, error: InfraError) -> None:
        """Report an item whose files could not be written."""
        line = f"{mark(False)} {one_line(item.shown)}  {one_line(str(error))}"
        self._out.result(_record(item, "not_written", str(error)), line, ok=False)

    def _write(self, item: Item, reference: bytes | None, made: "Conversion") -> tuple[Path, Path | None]:
        kept = None if reference is None else self._folder.write(f"reference/{item.reference}.png", reference)
        program = self._folder.write(f"{item.stem}{item.target.suffix}", made.program.source)
        self._keep_reply(item, made.reply)
        drawn = made.rendering.picture
        picture = self._folder.write(f"{item.stem}.png", drawn.png) if drawn else None
        self._folder.record(
            {
                **self._row(item),
                "reference": self._folder.relative(kept),
                "program": self._folder.relative(program),
                "rendering": rendering_row(made.rendering, [picture.name] if picture else []),
                "scores": _plain(made.scores),
                "unscored": dict(made.unscored),
                "model_s": round(made.model_s, 3),
            }
        )
        return program, picture

    def _keep_reply(self, item: Item, reply: str | None) -> None:
        if reply is not None:
            self._folder.write(f"reply/{item.stem}.txt", reply)

    def _row(self, item: Item) -> dict[str, Any]:
        return {
            "id": item.stem,
            "reference": str(Path(item.image).absolute()) if item.image else None,
            "target": item.target.value,
            "program": None,
            "rendering": None,
            "scores": {},
            "unscored": {},
            "model": self._model,
            "group": None,
            **item.notes,
        }


def _record(item: Item, failure: str, message: str) -> dict[str, Any]:
    """The JSON result of an item that came to nothing."""
    rendering = {"picture": None, "ok": False, "failure": failure, "message": message, "line": None}
    rest = {"warnings": [], "elapsed_s": 0.0, "cached": False}
    return {**item.given, "program": None, "rendering": {**rendering, **rest}, "scores": {}, **item.told}


def _line(item: Item, made: "Conversion", program: Path) -> str:
    head = f"{mark(made.rendering.ok)} {one_line(item.shown)} → {one_line(shown(program))}"
    facts = [*item.facts, f"{len(made.program.source.encode('utf-8', 'replace')) / 1024:.1f} KB"]
    for metric, part, name in (("ssim", "ssim", "ssim"), ("words", "recall", "words")):
        value = made.scores.get(metric, {}).get(part)
        facts += [f"{name} {value:.3f}"] if value is not None and made.rendering.ok else []
    facts.append(seconds(made.model_s + made.rendering.elapsed_s))
    failure = f"  {why(made.rendering.failure)}" if made.rendering.failure else ""
    return f"{head}{failure}  {style(', '.join(facts), dim=True)}{notes(made.rendering.warnings)}"


def _plain(scores: "Mapping[str, Mapping[str, float | None]]") -> dict[str, dict[str, float | None]]:
    return {metric: dict(parts) for metric, parts in scores.items()}
