"""``derender metrics``: what can be measured, and what each measure needs."""

import json as json_text
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UnknownName

from ._help import Section, TeachingCommand, TeachingGroup
from ._options import Json
from ._output import folded, say, style

if TYPE_CHECKING:
    from derender.metrics import Difference, Metric, Part

_EPILOG = """
Examples:
  derender metrics list
  derender metrics list --family charts
  derender metrics show chartmimic
  derender metrics list --json | jq -r 'select(.weights == []) | .name'
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=TeachingGroup, no_args_is_help=True, help="What can be measured.", epilog=_EPILOG)
    group.command("list", cls=TeachingCommand)(list_metrics)
    group.command("show", cls=TeachingCommand)(show)
    app.add_typer(group, name="metrics", rich_help_panel=Section.PICTURES)


def list_metrics(
    family: Annotated[
        str | None, typer.Option(metavar="F", help="Only one family: pixels, charts, pages, code, …")
    ] = None,
    json: Json = False,
) -> None:
    """List the metrics: parts, range, which way is better, needs, cost, source."""
    from derender.metrics import FAMILIES, get_metric, metric_names

    found = sorted(map(get_metric, metric_names()), key=lambda each: FAMILIES.index(each.family))
    if family is not None and family not in (known := {each.family for each in found}):
        raise UnknownName("family", family, known)
    shown = [each for each in found if family in {None, each.family}]
    for place, metric in enumerate(shown):
        if json:
            say(json_text.dumps(_record(metric)))
            continue
        if place == 0 or shown[place - 1].family != metric.family:
            say(style(metric.family, bold=True))
        say(_line(metric))


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The metric.")],
    json: Json = False,
) -> None:
    """Tell all of one metric, and how its two modes differ."""
    from derender.metrics import get_metric

    metric = get_metric(name)
    if json:
        say(json_text.dumps(_record(metric)))
        return
    say(folded(f"{style(metric.name, bold=True)}  ", metric.summary.split(), " "))
    if metric.details:
        say(folded("  ", metric.details.split(), " "))
    for label, text in _facts(metric):
        say(folded(f"  {style(f'{label:<9}', dim=True)} ", text.split(), " "))
    wide = max(len(part.name) for part in metric.parts)
    for place, part in enumerate(metric.parts):
        label = "" if place else "parts"
        say(f"  {style(f'{label:<9}', dim=True)} {part.name:<{wide}}  {_range(part)}")
    for difference in metric.differences:
        _show_difference(difference)


def _facts(metric: "Metric") -> list[tuple[str, str]]:
    found = [
        ("family", f"{metric.family}; compares {metric.compares}"),
        ("source", metric.source),
        ("cost", f"{metric.cost} a candidate, on one core"),
        ("weights", ", ".join(metric.weights)),
        ("tools", ", ".join(metric.tools)),
    ]
    return [(label, text) for label, text in found if text]


def _show_difference(difference: "Difference") -> None:
    say(f"\n  {style(difference.tag, bold=True)}")
    for label, text in (("official", difference.official), ("fixed", difference.fixed)):
        say(folded(f"    {style(f'{label:<9}', dim=True)} ", text.split(), " "))
    # Line by line, since an example may be a program.
    for place, line in enumerate(difference.example.splitlines()):
        label = "" if place else "example"
        say(folded(f"    {style(f'{label:<9}', dim=True)} ", line.split(" "), " "))


def _line(metric: "Metric") -> str:
    needs = [*metric.weights, *metric.tools]
    bounds = {_range(part) for part in metric.parts}
    bound = bounds.pop() if len(bounds) == 1 else "several ranges"
    margin = " " * 27
    lines = [
        folded(f"  {metric.name:<24} ", _listed([part.name for part in metric.parts]), " "),
        folded(margin, f"{bound} · {metric.cost} · {metric.source}".split(), " "),
        *([folded(margin, ["needs", *_listed(needs)], " ")] if needs else []),
    ]
    return "\n".join([lines[0], *(style(line, dim=True) for line in lines[1:])])


def _listed(names: list[str]) -> list[str]:
    return [f"{name}," for name in names[:-1]] + names[-1:]


def _range(part: "Part") -> str:
    return f"{part.bounds}, {part.direction}"


def _record(metric: "Metric") -> dict[str, Any]:
    return {
        "name": metric.name,
        "family": metric.family,
        "summary": metric.summary,
        "details": metric.details,
        "parts": [_part(part) for part in metric.parts],
        "of": metric.compares,
        "facts": [need.name for need in metric.needs],
        "weights": list(metric.weights),
        "tools": list(metric.tools),
        "source": metric.source,
        "cost_ms": metric.cost_ms,
        "symmetric": metric.symmetric,
        "default": metric.default,
        "modes": ["official", "fixed"] if metric.fixed else ["official"],
        "differences": [
            {"tag": each.tag, "official": each.official, "fixed": each.fixed, "example": each.example}
            for each in metric.differences
        ],
    }


def _part(part: "Part") -> dict[str, Any]:
    bounds = {"low": part.low, "high": part.high}
    finite = {name: value if math.isfinite(value) else None for name, value in bounds.items()}
    return {
        "name": part.name,
        **finite,
        "higher_is_better": part.higher_is_better,
        "ideal": part.ideal,
        "unit": part.unit,
    }
