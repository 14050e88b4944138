"""``derender metrics``: what can be measured, and what each measure needs."""

import json as json_text
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UnknownName

from ._help import Section, TeachingCommand, TeachingGroup
from ._options import Json
from ._output import say, style

if TYPE_CHECKING:
    from derender.metrics import Metric, Part

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

    if family is not None and family not in FAMILIES:
        raise UnknownName("family", family, FAMILIES)
    found = sorted(map(get_metric, metric_names()), key=lambda each: FAMILIES.index(each.family))
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
    say(f"{style(metric.name, bold=True)}  {metric.summary}")
    say(f"  {style('source', dim=True)}  {metric.source}")
    say(f"  {style('cost', dim=True)}    {_cost(metric)}")
    for part in metric.parts:
        say(f"  {style('part', dim=True)}    {part.name}  {_range(part)}")
    for kind, names in (("weights", metric.weights), ("tools", metric.tools)):
        if names:
            say(f"  {style(kind, dim=True)}  {', '.join(names)}")
    for difference in metric.differences:
        say(f"  {style(difference.tag, bold=True)}")
        say(f"    official  {difference.official}")
        say(f"    fixed     {difference.fixed}")
        for line in difference.example.splitlines():
            say(f"    {style(line, dim=True)}")


def _line(metric: "Metric") -> str:
    parts = ", ".join(part.name for part in metric.parts)
    needs = ", ".join([*metric.weights, *metric.tools])
    bounds = {_range(part) for part in metric.parts}
    bound = bounds.pop() if len(bounds) == 1 else "several ranges"
    return (
        f"  {metric.name:<24} {parts}\n"
        f"  {'':<24} {style(f'{bound} · {_cost(metric)} · {metric.source}', dim=True)}"
        + (f"\n  {'':<24} {style(f'needs {needs}', dim=True)}" if needs else "")
    )


def _range(part: "Part") -> str:
    low, high = (_bound(value) for value in (part.low, part.high))
    unit = f" {part.unit}" if part.unit else ""
    return f"{low}…{high}{unit}, {'higher' if part.higher_is_better else 'lower'} is better"


def _bound(value: float) -> str:
    return f"{value:g}" if math.isfinite(value) else ("∞" if value > 0 else "−∞")


def _cost(metric: "Metric") -> str:
    return f"{metric.cost_ms:g} ms" if metric.cost_ms < 1000 else f"{metric.cost_ms / 1000:g} s"


def _record(metric: "Metric") -> dict[str, Any]:
    return {
        "name": metric.name,
        "family": metric.family,
        "summary": metric.summary,
        "parts": [_part(part) for part in metric.parts],
        "of": "programs" if metric.of_programs else "pictures",
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
    return {"name": part.name, **finite, "higher_is_better": part.higher_is_better, "unit": part.unit}
