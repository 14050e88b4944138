"""ChartMimic's low-level scores: the words, layout, chart types and colours of two Matplotlib programs.

The published evaluator runs each program four times, in Matplotlib 3.8. Here one run of each, traced, tells the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derender.core import DerenderError, Language, Missing, Program

from . import _chartmimic_programs as programs
from ._chartmimic_chart import Chart, read_chart
from ._chartmimic_scores import Agreement, color_scores, multiset_scores, thinned, type_scores
from ._facts import Fact, Facts, Unscorable
from ._metric import Difference, Part, Value, Values, metric

ENVIRONMENT = "py2024"
_NAMES = ("text", "layout", "type", "color")
PARTS = (
    *(Part(f"{name}_f1") for name in _NAMES),
    *(Part(f"{name}_{share}") for name in _NAMES for share in ("precision", "recall")),
)
_SOURCE = "Yang et al. 2024, ChartMimic, arXiv:2406.09961"


class _Fails(Unscorable):
    """A program that fails by its own fault, which is unscorable for a reference only."""


def _chart(facts: Facts, source: str, trace: str = "chartmimic") -> Chart:
    """What a program derived from this side's tells.

    Raises:
        _Fails: it fails by its own fault.
        Unscorable: it can't be run here, or this side is no Python program.
    """
    from derender.render import RenderOptions

    given = facts.program
    if given is None or given.language is not Language.PYTHON:
        raise Unscorable(f"{facts.name or 'this side'} is no Python program, and Matplotlib's charts are compared here")
    program = Program(source, Language.PYTHON, given.assets, environment=ENVIRONMENT)
    rendering = facts.render(program, RenderOptions(trace=trace, environment=ENVIRONMENT))
    failure = rendering.failure
    if failure is None:
        return read_chart(rendering.trace or {})
    if failure.ours:
        raise Unscorable(failure.message)
    raise _Fails(f"{facts.name or 'the program'} fails where ChartMimic draws, in Matplotlib 3.8: {failure.message}")


def _lettered(facts: Facts, source: str) -> Chart:
    """The same of a program that saves its chart, its ticks being emptied for the strings alone."""
    needed = programs.runs(source)
    chart = _chart(facts, needed.main)
    if needed.strings == needed.main:
        return chart
    try:
        return replace(chart, strings=_chart(facts, needed.strings).strings)
    except _Fails:
        return replace(chart, strings=())


def _strictly(facts: Facts, source: str) -> Chart:
    return _chart(facts, source, "chartmimic_strict")


def _saved(run: Callable[[Facts, str], Chart], facts: Facts, source: str) -> Chart | None:
    """The chart of a program that comes to the save at its end; None of one that fails or leaves before."""
    try:
        chart = run(facts, source)
    except _Fails:
        return None
    return chart if chart.last == programs.FILE else None


def _of_reference(facts: Facts) -> Chart:
    chart = _lettered(facts, facts.source)
    # The published scripts end at a reference that saves no PDF; here it counts as it stands.
    return chart if chart.saves else _lettered(facts, programs.plain(facts.source))


def _of_candidate(facts: Facts) -> Chart | None:
    source = facts.source
    chart = _saved(_lettered, facts, programs.wrapped(source))
    if chart is None and programs.shows_indentation(source) and _saved(_chart, facts, programs.plain(source)):
        chart = _saved(_lettered, facts, programs.wrapped(source, swallowing=True))
    if chart is None or chart.colors.get("original") is not None:
        return chart
    # A colour that can't be read ends the program there, but not the scoring: those before it count.
    strict = _saved(_strictly, facts, programs.wrapped(source, swallowing=True))
    return replace(chart, colors={**chart.colors, "original": strict.colors.get("original") if strict else None})


def _of_candidate_unescaped(facts: Facts) -> Chart | None:
    return _saved(_lettered, facts, programs.plain(programs.unescaped(facts.source)))


def _as_it_is(facts: Facts) -> Chart:
    return _chart(facts, facts.source, "chartmimic_fixed")


_TOOLS = (f"env:{ENVIRONMENT}",)
chartmimic_reference = Fact("chartmimic_reference", _of_reference, of_program=True, tools=_TOOLS)
"""The chart of a reference, which saves itself and may go on."""
chartmimic_candidate = Fact("chartmimic_candidate", _of_candidate, of_program=True, tools=_TOOLS)
"""The chart of a candidate, up to its first save; None where it fails."""
chartmimic_unescaped = Fact("chartmimic_unescaped", _of_candidate_unescaped, of_program=True, tools=_TOOLS)
"""The same as VLMEvalKit has it."""
chartmimic_chart = Fact("chartmimic_chart", _as_it_is, of_program=True, tools=_TOOLS)
"""The chart of a program as it stands."""


def _fixed(reference: Facts, candidate: Facts) -> Values:
    """The same scores of the programs as they stand; None for what neither has."""
    wanted = reference[chartmimic_chart]
    try:
        given = candidate[chartmimic_chart]
    except _Fails:
        given = Chart()
    types = [chart.types.get("fixed", {}) for chart in (wanted, given)]
    colors = [chart.colors.get("fixed") or () for chart in (wanted, given)]
    found: dict[str, Agreement | DerenderError | None] = {
        "text": multiset_scores(wanted.strings, given.strings) if wanted.strings or given.strings else None,
        "layout": multiset_scores(wanted.layout(graph=False), given.layout(graph=False)),
        "type": type_scores(types[0], types[1]) if types[0] or types[1] else None,
        "color": _or_reason(lambda: color_scores(*colors, none_may_be_wanted=True)) if any(colors) else None,
    }
    if not wanted.axes and not given.axes:
        found["layout"] = None
    return _values(found)


_DIFFERENCES = (
    Difference(
        "first save",
        official="the candidate is cut at its first plt.savefig( or plt.show(, and what follows is lost",
        fixed="programs are run as they stand; all figures open at the end count, or else all that were saved",
        example="plt.savefig('a.pdf'); plt.title('T'); plt.savefig('a.pdf'): against itself text_f1 0, fixed 1",
    ),
    Difference(
        "ticks",
        official="tick labels are emptied where the text first says plt.savefig, and only on the x and y axis",
        fixed="no tick label counts as text",
        example="fig.savefig('a.pdf') against plt.savefig('a.pdf'): text_f1 0.13 for the tick labels, fixed 1",
    ),
    Difference(
        "raising call",
        official="once a traced call has raised, no call and no colour after it is seen",
        fixed="calls after it count",
        example="try: ax.bar([1, 2], [1]) / except ValueError: pass / ax.plot(...): the line is not seen, fixed it is",
    ),
    Difference(
        "unreadable colour",
        official="bar.set_color('red') on a last bar, or color=('r', 0.5), ends the reading: color_f1 0 or unscored",
        fixed="bars are read by what they are filled with; what can't be read is left out",
        example="for bar in ax.bar(...): bar.set_color('red'), against itself: color unscored, fixed 1",
    ),
    Difference(
        "many colours",
        official="of more than ten, those within 30 dE of an earlier one are left out, in the order of a set",
        fixed="all colours are compared, by an assignment that is exact at any count",
        example="12 of 14 lines of the same palette: color_f1 0.82 to 1.00 by PYTHONHASHSEED, fixed 0.92",
    ),
    Difference(
        "nothing there",
        official="0 where both sides have no text, axes or known calls; a division by zero without colours",
        fixed="a part that means nothing for both sides has no value",
        example="two charts without words: text_f1 0, fixed null",
    ),
    Difference(
        "names",
        official="a reference named graph… has all axes in one place, one named …box… may lack colours",
        fixed="names mean nothing",
        example="graph_1.py with 2x1 axes against 1x2: layout_f1 1, fixed 0",
    ),
)


@metric(
    "chartmimic",
    PARTS,
    needs=(chartmimic_reference, chartmimic_candidate),
    source=f"{_SOURCE}; ChartMimic/ChartMimic c9e149c",
    cost_ms=150.0,
    family="charts",
    default=False,
    fixed=_fixed,
    differences=_DIFFERENCES,
)
def chartmimic(reference: Facts, candidate: Facts) -> Values:
    """Words, subplot layout, chart types and colours of two Matplotlib programs, as ChartMimic scores them.

    Both run in Matplotlib 3.8.4. A candidate that fails, or fails to be drawn, gets 0. Where more than ten colours
    are thinned, they are gone through in the order drawn.
    """
    graph = "/graph" in _path(reference)
    none_may_be_wanted = "box" in _path(reference)
    return _official(reference, candidate[chartmimic_candidate], "original", (graph, graph), none_may_be_wanted)


@metric(
    "chartmimic_vlmevalkit",
    PARTS,
    needs=(chartmimic_reference, chartmimic_unescaped),
    source=f"{_SOURCE}; open-compass/VLMEvalKit e8e78f0",
    cost_ms=150.0,
    family="charts",
    default=False,
    fixed=_fixed,
    differences=(
        *_DIFFERENCES,
        Difference(
            "escapes",
            official="doubled backslashes before n, t, a quote … are made one character in the candidate",
            fixed="programs are run as they stand",
            example=r"plt.title('\\nu'): a text of two lines, fixed the letters \nu",
        ),
    ),
)
def chartmimic_vlmevalkit(reference: Facts, candidate: Facts) -> Values:
    r"""The same as VLMEvalKit scores them: no colours is 0, ``\\n`` is a line break, numbered files have no names.

    So the layout of a reference named ``graph…`` never agrees with its candidate's.
    """
    graphs = "/graph" in _path(reference), False
    return _official(reference, candidate[chartmimic_unescaped], "vlmevalkit", graphs, none_may_be_wanted=True)


def _official(
    reference: Facts, given: Chart | None, flavour: str, graphs: tuple[bool, bool], none_may_be_wanted: bool
) -> dict[str, Value]:
    wanted = reference[chartmimic_reference]
    if given is None:
        return _values(dict.fromkeys(_NAMES, Agreement()))
    colors = [thinned(chart.colors.get(flavour) or ()) for chart in (wanted, given)]
    return _values(
        {
            "text": multiset_scores(wanted.strings, given.strings),
            "layout": multiset_scores(wanted.layout(graph=graphs[0]), given.layout(graph=graphs[1])),
            "type": type_scores(wanted.types.get(flavour, {}), given.types.get(flavour, {})),
            "color": _or_reason(lambda: color_scores(*colors, none_may_be_wanted=none_may_be_wanted)),
        }
    )


def _path(facts: Facts) -> str:
    """The path of a file as the evaluator would see it: always in some folder."""
    return "/" + (facts.name or "").replace("\\", "/")


def _or_reason(scores: Callable[[], Agreement]) -> Agreement | DerenderError:
    try:
        return scores()
    except (Missing, Unscorable) as why:
        return why


def _values(found: Mapping[str, Agreement | DerenderError | None]) -> dict[str, Value]:
    def value(name: str, share: str) -> Value:
        agreement = found[name]
        return getattr(agreement, share) if isinstance(agreement, Agreement) else agreement

    return {part.name: value(*part.name.split("_")) for part in PARTS}
