"""What Design2Code costs: `python perf/design2code.py` prints a pair's wall and CPU seconds, with the browser's.

*cold* has nothing cached but a browser that is warm; *known* has the reference's blocks, as they are when many
candidates meet one reference. *alone* is what remains once all pages are drawn: cleaning, blocks, matching. Published
code took 8.7 s of wall time for a page of 12 texts and 16.3 s for one of 67, starting six browsers.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from timing import Spent, timed

from derender.core import Program, Rendering
from derender.metrics import Facts, score
from derender.render import Engine, RenderOptions

HERE = Path(__file__).parent
STYLE = "<style>body{font-family:sans-serif;margin:0}div{padding:6px 20px}h2{color:#8b4513}</style>"
TEXT = "slow fermented loaf with a crisp crust and buttery layers baked every morning at the mill lane"
WORDS = TEXT.split()


def page(texts: int, *, edited: bool) -> str:
    """A page of headings and paragraphs; edited, some are other, some broken in two, some gone."""
    lines = []
    for at in range(texts):
        text = " ".join(WORDS[(at * 7 + step * (1 + at % 5)) % len(WORDS)] for step in range(2 + at % 7)) + f" {at}"
        tag = "h2" if at % 4 == 0 else "p"
        if edited and at % 9 == 4:
            text = text.replace(" ", f"</{tag}><{tag}>", 1)
        if not (edited and at % 11 == 5):
            lines.append(f"<div><{tag}>{text}</{tag}></div>")
    return f"<!DOCTYPE html><html><head>{STYLE}</head><body>{''.join(lines)}</body></html>"


def costs(engine: Engine, texts: int, mode: str) -> dict[str, Spent]:
    """One measurement of each kind."""
    reference, candidate = Program(page(texts, edited=False), "html"), Program(page(texts, edited=True), "html")

    def fresh(program: Program, engine: Engine = engine) -> Facts:
        return Facts(program=program, engine=engine)

    known = fresh(reference)
    seen: dict[str, Spent] = {"cold": spent(lambda: (fresh(reference), fresh(candidate)), mode)}
    score(known, fresh(candidate), ["design2code"], mode=mode)
    seen["known"] = spent(lambda: (known, fresh(candidate)), mode)
    drawn = Drawn(engine)
    score(fresh(reference, drawn), fresh(candidate, drawn), ["design2code"], mode=mode)
    seen["alone"] = spent(lambda: (fresh(reference, drawn), fresh(candidate, drawn)), mode)
    return seen


def spent(sides: Callable[[], tuple[Facts, Facts]], mode: str) -> Spent:
    """What scoring two sides takes."""
    return timed(lambda: score(*sides(), ["design2code"], mode=mode))


class Drawn:
    """An engine that draws each page once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Rendering] = {}

    def render_many(
        self, programs: Iterable[Program], options: RenderOptions, *, in_order: bool
    ) -> Iterator[tuple[int, Rendering]]:
        """The renderings of programs, in order."""
        programs = list(programs)
        new = [program for program in programs if program.key not in self._known]
        for at, rendering in self._engine.render_many(new, options, in_order=in_order):
            self._known[new[at].key] = rendering
        return ((at, self._known[program.key]) for at, program in enumerate(programs))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--mode", choices=("official", "fixed"), default="official")
    options = parser.parse_args()
    table = Table("texts", "kind", "wall, s", "CPU, s", title=f"design2code, {options.mode}, median")
    result = {}
    with Engine(cache=False) as engine:
        for texts in (12, 67):
            runs = [costs(engine, texts, options.mode) for _ in range(options.repeats + 1)][1:]
            for kind in runs[0]:
                wall, cpu = (statistics.median(getattr(run[kind], unit) for run in runs) for unit in ("wall", "cpu"))
                table.add_row(str(texts), kind, f"{wall:.2f}", f"{cpu:.2f}")
                result[f"{texts} {kind}"] = {"wall_s": round(wall, 3), "cpu_s": round(cpu, 3)}
    Console().print(table)
    out = HERE / "out" / "design2code.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
