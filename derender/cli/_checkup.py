"""Tries every language, the offline model and the isolation, and says what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata

from derender.core import DerenderError, FailureKind, Language, Program, Rendering
from derender.render import Engine, RenderOptions, unprotected
from derender.render.languages import Renderer, renderers
from derender.render.needs import NEEDS

from ._environments import PREFIX, Part, environment_parts
from ._installer import GROUPS, command_line

_SAMPLES = {
    Language.PYTHON: "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('sample')\nplt.show()\n",
    Language.SVG: "<svg xmlns='http://www.w3.org/2000/svg' width='99' height='40'><text y='30'>sample</text></svg>",
    Language.HTML: "<!doctype html><title>sample</title><h1>sample</h1>",
    Language.LATEX: r"\documentclass{standalone}\begin{document}sample\end{document}",
    Language.MERMAID: "graph LR; a --> b",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one thing.

    Attributes:
        language: its name; ``trace`` is the offline model, ``isolation`` the walls around programs, and what begins
            with ``env:`` an environment of Python programs.
        works: whether the sample came out.
        version: of what does the work.
        missing: what must be installed first.
        install: the line that installs it.
        sample_ms: milliseconds the sample took, warm.
        reason: why it does not work though nothing is missing.
        expected: whether derender can do it at all, on a machine that has everything.
    """

    language: str
    works: bool
    version: str | None = None
    missing: tuple[str, ...] = ()
    install: str | None = None
    sample_ms: float | None = None
    reason: str = ""
    expected: bool = True


def examine() -> Iterator[Finding]:
    """A finding per language, of each environment, the offline model and the isolation, as they come."""
    layers: list[str] = []
    refused: list[Language] = []
    with Engine(cache=False) as engine:
        for language in Language:
            renderer = renderers().get(language)
            if renderer is None:
                yield Finding(language, works=False, missing=("renderer",), expected=False)
                continue
            rendering = _sample(engine, language)
            layers += rendering.isolation
            if rendering.failure is not None and rendering.failure.kind is FailureKind.ISOLATION:
                refused.append(language)
            yield _of_language(renderer, rendering)
        for environment in environment_parts():
            yield _of_environment(engine, environment)
        yield _of_model()
    yield _of_isolation(tuple(dict.fromkeys(layers)), refused)


def _sample(engine: Engine, language: Language, environment: str | None = None) -> Rendering:
    program = Program(_SAMPLES[language], language, environment=environment)
    first = engine.render(program)
    # The second is the one that counts: the first has waited for the worker to warm up.
    return engine.render(program) if first.ok else first


def _of_environment(engine: Engine, part: Part) -> Finding:
    """Whether an environment draws the sample; one that is not built is no fault, as it is built on request."""
    finding = Finding(part.name, works=False, version=part.about, expected=part.present)
    if not part.present:
        return replace(finding, missing=(part.name,), install=part.install)
    rendering = _sample(engine, Language.PYTHON, part.name.removeprefix(PREFIX))
    failure = rendering.failure
    return replace(
        finding,
        # One without Matplotlib never promised to draw the sample.
        works=failure is None or failure.kind is FailureKind.MISSING_DEPENDENCY,
        sample_ms=round(1000 * rendering.elapsed_s, 1) if rendering.ok else None,
        reason=failure.message if failure else "",
    )


def _of_language(renderer: Renderer, rendering: Rendering) -> Finding:
    missing = renderer.missing()
    failure = rendering.failure
    if failure and failure.kind is FailureKind.ISOLATION and NEEDS["bubblewrap"].install not in failure.message:
        # Nothing to install would help.
        missing = ()
    return Finding(
        language=renderer.language.value,
        works=rendering.ok,
        version=_version(renderer, rendering.program),
        missing=missing,
        install=command_line(missing) or None,
        sample_ms=round(1000 * rendering.elapsed_s, 1) if rendering.ok else None,
        reason=rendering.failure.message if rendering.failure else "",
    )


def _version(renderer: Renderer, program: Program) -> str:
    """What draws, in a few words: the parts of the fingerprint that name a program and its version."""
    facts = renderer.fingerprint(program, RenderOptions())
    if "browser" in facts:
        return facts["browser"]
    if "resvg" in facts:
        return f"resvg {facts['resvg']}"
    # The environment's fingerprint ends in a digest, which tells people nothing.
    return facts.get("environment", "").rpartition(" ")[0].removeprefix("default ")


def _of_model() -> Finding:
    missing = tuple(name for name in GROUPS["trace"] if not NEEDS[name].present)
    finding = Finding("trace", works=False, missing=missing, install=command_line(missing) or None)
    if missing:
        return finding
    import time

    import numpy as np
    from PIL import Image, ImageDraw

    from derender.models import load_model

    picture = Image.new("RGB", (240, 120), "white")
    ImageDraw.Draw(picture).rectangle((20, 30, 200, 90), fill="navy")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("rapidocr", "vtracer"))
    try:
        model = load_model("trace")
        model.convert(np.asarray(picture), Language.SVG)
        started = time.monotonic()
        program = model.convert(np.asarray(picture), Language.SVG)
    except DerenderError as error:
        return replace(finding, version=versions, reason=str(error))
    elapsed = 1000 * (time.monotonic() - started)
    return replace(finding, works=bool(program.source), version=versions, sample_ms=round(elapsed, 1))


def _of_isolation(layers: tuple[str, ...], refused: list[Language]) -> Finding:
    missing = tuple(name for name in ("bubblewrap",) if not NEEDS[name].present)
    install = command_line(missing) or None
    finding = Finding("isolation", works=bool(layers), version=" ".join(layers) or None)
    return replace(finding, missing=missing, install=install, reason=_left_open(refused))


def _left_open(refused: list[Language]) -> str:
    """What would not be protected if the languages that strict isolation refuses were drawn all the same."""
    sentences = []
    with Engine(cache=False, isolation="weak") as engine:
        for language in refused:
            sentence = unprotected(engine.render(Program(_SAMPLES[language], language)).isolation)
            sentences += [f"{language} is refused; {sentence}"] if sentence else []
    return ", ".join(sentences)
