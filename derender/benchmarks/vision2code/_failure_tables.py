"""The error analysis: counts of failures, whose texts are not public, and the rule that sorts them."""

from .published import Published
from .replies import official_code
from .reproduction import Cell, Cells, Check, Kind
from .taxonomy import FailureClass, classify

FOLDER = "results/paper_outputs/render_failures"
PIVOT = f"{FOLDER}/render_failure_type_by_model_pivot_filtered_test.csv"
BY_MODEL = f"{FOLDER}/render_failure_type_by_model_filtered_test.csv"
COUNTS = f"{FOLDER}/render_failure_type_counts_filtered_test.csv"
ERRORS = f"{FOLDER}/render_error_analysis_table.csv"

_PLOTTED = tuple(dict.fromkeys(each.plotted for each in FailureClass))
_STATUSES = {
    "timeout": FailureClass.TIMEOUT,
    "no_output_image": FailureClass.OTHER_RUNTIME,
    "execution_failed": FailureClass.OTHER_RUNTIME,
    "SyntaxError: '(' was never closed": FailureClass.SYNTAX_TRUNCATION,
    "IndentationError: unexpected indent": FailureClass.OTHER_RUNTIME,
    "ModuleNotFoundError: No module named 'rdkit'": FailureClass.MISSING_DEPENDENCY_FILE,
    "ValueError: operands could not be broadcast together": FailureClass.SHAPE_3D_GEOMETRY,
    "NameError: name 'ax' is not defined": FailureClass.HALLUCINATED_API_ARGUMENT,
    "TypeError: plot() got multiple values for argument 'x'": FailureClass.HALLUCINATED_API_ARGUMENT,
    "TypeError: plot() got an unexpected keyword argument 'hatch'": FailureClass.OTHER_RUNTIME,
    "KeyError: 1\nAttributeError: no attribute 'w_xaxis'": FailureClass.HALLUCINATED_API_ARGUMENT,
}
"""One text for each rule."""
_REPLIES = {
    "x = 1": "x = 1",
    "```python\nx = 1\n```": "x = 1",
    "```py\nx = 1\n```": "py\nx = 1",
    "```python\nx = 1\n```\n```text\nnote\n```": "text\nnote",
    "```python\nx = 1": "```python\nx = 1",
    "<think>```python\ny = 0\n```</think>\nx = 1": "x = 1",
}
"""Likewise, of taking code out of replies."""


def _pivot(published: Published) -> Cells:
    rows = published.table(PIVOT)
    counts = {(row["model_slug"], kind.value): row.count(kind) for row in rows for kind in _PLOTTED}
    of_model = {row["model_slug"]: sum(counts[row["model_slug"], kind] for kind in _PLOTTED) for row in rows}
    failures = {
        row["model_slug"]: row.count("num_filtered_test") - row.count("num_render_success_test")
        for row in published.table(ERRORS)
    }
    # The models' names there are shorter than the site's.
    names = {row["model_slug"]: row["model"] for row in published.table(ERRORS)}
    for row in rows:
        slug = row["model_slug"]
        total = row.number("num_failures_filtered_test")
        yield Cell(PIVOT, slug, "sum of the classes", float(of_model[slug]), total)
        yield Cell(PIVOT, slug, "samples without a picture", float(failures[slug]), total)
    for table in (PIVOT, BY_MODEL):
        for row in published.table(table):
            yield Cell(table, row["model_slug"], "model", names.get(row["model_slug"]), row["model"])
    yield from _by_model(published, counts, of_model)
    yield from _totals(published, counts)


def _by_model(published: Published, counts: dict[tuple[str, str], int], of_model: dict[str, int]) -> Cells:
    for row in published.table(BY_MODEL):
        slug, kind = row["model_slug"], row["failure_type"]
        share = counts[slug, kind] / of_model[slug]
        values = {
            "count": float(counts[slug, kind]),
            "share_of_model_failures": share,
            "share_of_model_failures_pct": round(100 * share, 1),
        }
        for column, ours in values.items():
            yield Cell(BY_MODEL, f"{slug} {kind}", column, ours, row.number(column))
        label = FailureClass(kind).label
        yield Cell(BY_MODEL, f"{slug} {kind}", "failure_type_label", label, row["failure_type_label"])


def _totals(published: Published, counts: dict[tuple[str, str], int]) -> Cells:
    all_failures = sum(counts.values())
    for row in published.table(COUNTS):
        kind = FailureClass(row["failure_type"])
        total = sum(count for (_, name), count in counts.items() if name == kind)
        values = {
            "count": float(total),
            "share_of_failures": total / all_failures,
            "share_of_failures_pct": round(100 * total / all_failures, 1),
        }
        for column, ours in values.items():
            yield Cell(COUNTS, kind, column, ours, row.number(column))
        yield Cell(COUNTS, kind, "failure_type_label", kind.label, row["failure_type_label"])


def _rules(published: Published) -> Cells:
    for status, expected in _STATUSES.items():
        yield Cell("rules of failures", status.splitlines()[-1], "class", classify(status), expected)
    for reply, code in _REPLIES.items():
        yield Cell("rules of replies", " ".join(reply.split()), "code", official_code(reply), code)


CHECKS = (
    Check("V10", "counts of failures", Kind.IDENTITY, _pivot),
    Check("V16", "classes of failures, code of replies", Kind.RULES, _rules),
)
