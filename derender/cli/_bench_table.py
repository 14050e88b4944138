"""The table of a benchmark's run as people read it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ._exits import one_line
from ._output import style


def table_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """The lines of `derender.benchmarks.vision2code.score_table`'s numbers."""
    wide = max(map(len, [*table["datasets"], *table["domains"]]))
    yield ""
    yield style(f"{'':<{wide}}  samples  rated  drawn  official  fixed", dim=True)
    for name, each in table["datasets"].items():
        yield _counted(f"{name:<{wide}}", each, each["official"], each["fixed"])
    yield style("of those, the datasets' mean by domain:", dim=True)
    for name, each in table["domains"].items():
        yield _counted(f"{name:<{wide}}", each, each["official_macro"], each["fixed_macro"])
    yield ""
    for kind in ("macro", "micro"):
        both = (f"{mode} {interval(table[mode][kind])}" for mode in ("official", "fixed"))
        yield f"{kind}  {', '.join(both)}"
    drawn = table["render_success"]
    yield f"drawn  {drawn['ok']} of {drawn['tried']} programs that could be tried"
    failed = [f"{count} {words(kind)}" for kind, count in table["failures"]["official"].items() if count]
    if failed:
        yield f"failures  {', '.join(failed)}"
    for kind, count in table["dropped"].items():
        yield f"left out of means  {count} {words(kind)}, such as: {one_line(table['why'][kind])}"


def _counted(label: str, each: Mapping[str, Any], official: float | None, fixed: float | None) -> str:
    rated = each["rated"]
    return f"{label}  {each['n']:>7}  {rated:>5}  {each['rendered']:>5}  {number(official):>8}  {number(fixed):>5}"


def interval(estimate: Mapping[str, Any], value: str = "value", sign: str = "") -> str:
    """A mean with the bounds of its interval, which that of a single sample has not.

    Args:
        estimate: the numbers, the bounds as ``low`` and ``high``.
        value: which of them the mean is.
        sign: ``+`` where numbers above 0 are to have one.
    """
    mean, low, high = (estimate[each] for each in (value, "low", "high"))
    if mean is None:
        return "–"
    bounds = "" if low is None or high is None else f" [{low:{sign}.3f}, {high:{sign}.3f}]"
    return f"{mean:{sign}.3f}{bounds}"


def words(name: str) -> str:
    """A name as words; those of files that others wrote may hold anything."""
    return one_line(name.replace("_", " "))


def number(value: float | None) -> str:
    """A mean to two decimals."""
    return "–" if value is None else f"{value:.2f}"
