"""Writes what the catalogue says of itself into docs/metrics.md and docs/official.md: `python tools/metrics_docs.py`.

A test sees that both are as this makes them.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from derender import metrics
from derender.metrics import FAMILIES, Difference, Metric, Part, get_metric, metric_names

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- the tables, by tools/metrics_docs.py -->", "<!-- the end of the tables -->"


def tables() -> str:
    """A table per family."""
    lines = []
    for family in FAMILIES:
        found = [metric for metric in map(get_metric, metric_names()) if metric.family == family]
        if not found:
            continue
        lines += [
            "",
            f"### {family}",
            "",
            "| metric | parts (first is the headline) | range, better | what it says, source | needs | cost |",
            "|---|---|---|---|---|---|",
            *map(_row, found),
        ]
    return "\n".join([*lines, ""])


def _row(metric: Metric) -> str:
    needs = [f"`{name}`" for name in (*metric.weights, *metric.tools)]
    if metric.of_programs:
        needs.insert(0, metric.compares)
    cells = [
        f"`{metric.name}`",
        " ".join(f"`{part.name}`" for part in metric.parts),
        _ranges(metric),
        f"{_prose(metric.summary)} {_prose(metric.source)}",
        ", ".join(needs),
        metric.cost,
    ]
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _prose(text: str) -> str:
    """Text in which a tag is shown, and not taken for one."""
    pieces = text.split("`")
    return _cell("`".join(piece if place % 2 else piece.replace("<", "\\<") for place, piece in enumerate(pieces)))


def _ranges(metric: Metric) -> str:
    found: dict[str, list[str]] = {}
    for part in metric.parts:
        found.setdefault(_range(part), []).append(part.name)
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{bounds}: {', '.join(names)}" for bounds, names in found.items())


def _range(part: Part) -> str:
    return f"{part.bounds}, {part.direction.removesuffix(' is better')}"


def differences() -> str:
    """docs/official.md."""
    return "\n".join(
        [
            "# As published, and corrected",
            "",
            "A paper's metric under a paper's name gives the paper's numbers, defects included: that is the mode",
            "`official`, the default. `fixed`, or `--mode fixed`, corrects what is listed here and nothing else.",
            "",
            *_of_metrics(),
            *_of_functions(),
        ]
    )


def _of_metrics() -> Iterator[str]:
    """A section for all metrics that share a difference, so that each is told once."""
    sharing: dict[Difference, list[str]] = {}
    for metric in sorted(map(get_metric, metric_names()), key=lambda each: FAMILIES.index(each.family)):
        for difference in metric.differences:
            sharing.setdefault(difference, []).append(metric.name)
    sections: dict[tuple[str, ...], list[Difference]] = {}
    for difference, names in sharing.items():
        sections.setdefault(tuple(names), []).append(difference)
    for sharers, found in sections.items():
        yield from _section(", ".join(f"`{name}`" for name in sharers), found)


def _of_functions() -> Iterator[str]:
    """What modules of functions over recorded facts list."""
    for module in pkgutil.iter_modules(metrics.__path__):
        found = getattr(importlib.import_module(f"{metrics.__name__}.{module.name}"), "DIFFERENCES", ())
        listed = [] if module.name.startswith("_") else [each for each in found if isinstance(each, Difference)]
        taken = {each for name in metric_names() for each in get_metric(name).differences}
        listed = [each for each in listed if each not in taken]
        if listed:
            yield from _section(f"`derender.metrics.{module.name}`", listed)


def _section(title: str, found: Iterable[Difference]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    for each in found:
        yield f"- **{_prose(each.tag)}**"
        yield f"  - official: {_prose(each.official)}"
        yield f"  - fixed: {_prose(each.fixed)}"
        if each.example:
            yield "  - for example:"
            yield ""
            yield "    ```"
            yield from (f"    {line}" for line in each.example.splitlines())
            yield "    ```"
    yield ""


def filled(page: str) -> str:
    """docs/metrics.md with its tables made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def main() -> None:
    """Write both."""
    page = DOCS / "metrics.md"
    page.write_text(filled(page.read_text()))
    (DOCS / "official.md").write_text(differences())


if __name__ == "__main__":
    main()
