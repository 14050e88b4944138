"""``derender render``: programs in, pictures out."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from derender.core import InfraError, Language, Program, Rendering, UserError

from ._environments import EnvironmentName, checked
from ._exits import one_line
from ._files import Names, picture_stems, reason, shown
from ._help import Section, TeachingCommand
from ._options import EngineOptions, Isolation, Jobs, Json, NoCache, OutputFolder, Timeout, parse_size
from ._output import Output, mark, notes, seconds, style, why
from ._run_folder import RunFolder, rendering_row

_EPILOG = """
Examples:
  derender render plot.py                      writes derender-out/plot.png
  derender render charts/ -o out -j 8          every program of a folder
  derender render page.html --size 1280x800    a page in a viewport of that size
  derender render icon.svg --size 256x --background white
  derender render old.py --environment py2024  with the packages of 2024
  cat plot.py | derender render - --language python --json

A program that draws several pictures gets a file for each: plot-figure-1.png,
plot-figure-2.png. The folder also gets results.jsonl, which `derender report`
shows as a page.
"""


@dataclass(frozen=True, slots=True)
class _Item:
    file: str
    stem: str
    program: Program | UserError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("render", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(render)


def render(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Programs, folders of programs, or - for standard input.")
    ],
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="L", help="What they are written in; told by the suffix by default."),
    ] = None,
    output: OutputFolder = Path("derender-out"),
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Viewport of a page, size of an SVG; either side may be left out.")
    ] = None,
    background: Annotated[str | None, typer.Option(metavar="C", help="CSS colour behind pages and SVGs.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Draw SVG with Chromium instead of resvg.")] = False,
    environment: EnvironmentName = None,
    timeout: Timeout = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    no_cache: NoCache = False,
    json: Json = False,
) -> None:
    """Draw programs: Python charts, SVG, HTML pages."""
    from derender.render import RenderOptions

    engine_options = EngineOptions(jobs, timeout, isolation, cache=not no_cache)
    width, height = parse_size(size)
    options = RenderOptions(width, height, background, browser=browser, limits=engine_options.limits())
    options = replace(options, environment=checked(environment))
    items = _read(files, Language.parse(language) if language else None)
    # The engine is closed first of all when something breaks off, so that nothing draws any more.
    with (
        RunFolder(output) as folder,
        Output(len(items), "drawn", json_lines=json) as out,
        engine_options.engine() as engine,
    ):
        results = _Results(folder, out)
        for item in items:
            if isinstance(item.program, UserError):
                results.reject(item, item.program)
        good = [item for item in items if isinstance(item.program, Program)]
        programs = (item.program for item in good if isinstance(item.program, Program))
        for index, rendering in engine.render_many(programs, options):
            results.add(good[index], rendering)
    raise typer.Exit(out.exit_code)


class _Results:
    """Writes what was drawn and says so."""

    def __init__(self, folder: RunFolder, out: Output) -> None:
        self._folder = folder
        self._out = out

    def reject(self, item: _Item, error: UserError) -> None:
        """Report a program that can't be read."""
        self._out.rejected(_record(item, failure="bad_input", message=str(error)), str(error))

    def add(self, item: _Item, rendering: Rendering) -> None:
        """Write one item's files, then report it."""
        self._out.contained(rendering.isolation)
        failure = rendering.failure
        try:
            paths = self._write(item, rendering)
        except InfraError as error:
            record = _record(item, failure="not_written", message=str(error))
            self._out.result(record, f"{mark(False)} {one_line(item.file)}  {one_line(str(error))}", ok=False)
            return
        record = _record(
            item,
            ok=rendering.ok,
            failure=failure.kind.value if failure else None,
            message=failure.message if failure else None,
            line=failure.line if failure else None,
            pictures=[str(path) for path in paths],
            elapsed_s=round(rendering.elapsed_s, 4),
            isolation=list(rendering.isolation),
            cached=rendering.cached,
        )
        self._out.result(record, _line(item, rendering, paths), ok=rendering.ok)

    def _write(self, item: _Item, rendering: Rendering) -> list[Path]:
        stems = picture_stems(item.stem, (picture.name for picture in rendering.pictures))
        paths = [
            self._folder.write(f"{stem}.png", picture.png)
            for stem, picture in zip(stems, rendering.pictures, strict=True)
        ]
        program = Path(item.file)
        if item.file == "-":
            program = self._folder.write(f"{item.stem}{rendering.program.language.suffix}", rendering.program.source)
        pictures = [path.name for path in paths]
        self._folder.record(
            {
                "id": item.stem,
                "reference": None,
                "target": rendering.program.language.value,
                "program": self._folder.relative(program),
                "rendering": rendering_row(rendering, pictures),
                "scores": {},
                "unscored": {},
                "model": None,
                "group": None,
            }
        )
        return paths


def _record(item: _Item, **known: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    """One JSON result; what isn't known stays empty."""
    empty: dict[str, Any] = {"ok": False, "failure": None, "message": None, "line": None, "pictures": []}
    file = item.file if item.file == "-" else str(Path(item.file).absolute())
    return {"file": file, **empty, "elapsed_s": 0.0, "isolation": [], "cached": False, **known}


def _line(item: _Item, rendering: Rendering, paths: list[Path]) -> str:
    head = f"{mark(rendering.ok)} {one_line(item.file)}"
    if rendering.failure is not None:
        head = f"{head}  {why(rendering.failure)}"
    picture = rendering.picture
    if picture is not None:
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        blank = ", blank" if picture.blank else ""
        facts = (
            f"{picture.width}×{picture.height}{blank}, {'cached' if rendering.cached else seconds(rendering.elapsed_s)}"
        )
        head = f"{head} → {one_line(shown(paths[0]))}{more}  {style(facts, dim=True)}"
    return head + notes(rendering.warnings)


def _read(files: list[str], language: Language | None) -> list[_Item]:
    """The programs meant, those that can't be read as the sentence that says why."""
    if files.count("-") > 1:
        raise UserError("standard input can be read only once")
    if "-" in files and language is None:
        raise UserError("the language of standard input must be named: add --language")
    found = [each for file in files for each in _programs(file, language)]
    names = Names()
    return [_Item(file, names.claim(Path(file).stem if file != "-" else "stdin"), program) for file, program in found]


def _programs(file: str, language: Language | None) -> Iterator[tuple[str, Program | UserError]]:
    if file == "-":
        yield file, Program(sys.stdin.buffer.read().decode("utf-8-sig", "replace"), language or Language.PYTHON)
        return
    path = Path(file)
    if not path.exists():
        yield file, UserError(f"{file}: no such file")
        return
    try:
        paths = sorted(each for each in path.iterdir() if Language.of_file(each)) if path.is_dir() else [path]
    except OSError as error:
        yield file, UserError(f"{file}: can't be listed ({reason(error)})")
        return
    if not paths:
        yield file, UserError(f"{file}: the folder holds no programs")
    for each in paths:
        try:
            yield str(each), Program.from_file(each, language)
        except UserError as error:
            yield str(each), error
