"""The demo's benchmark: `trace` and three recorded models on fifteen pictures of our own, side by side on a page.

`trace` is asked now; what the other models said, and what a judge says of all four's pictures, is recorded. The judge's
marks of `trace` are of the pictures that it drew when they were recorded.
"""

import subprocess
import sys
from pathlib import Path

from derender.render.environments import find

RECORDED = Path(__file__).parent / "vision2code"
MODELS = ("careful", "hasty", "poor")
TITLE = "derender's demo: trace and three recorded models on pictures of our own"


def leaderboard(folder: Path, jobs: int | None) -> Path | str:
    """Run the benchmark, and write its page.

    Args:
        folder: where the runs and the page go.
        jobs: programs of a model drawn at once.

    Returns:
        the page; or why there is none, in a sentence.
    """
    environment = find("vision2code")
    if environment.environment() is None:
        return f"its programs' environment is not built here: run `{environment.install}`"
    runs = {name: folder / "vision2code" / name for name in ("trace", *MODELS)}
    commands = [_command("run", "--model", "trace", of="trace", to=runs["trace"], jobs=jobs)]
    for name in MODELS:
        said = str(RECORDED / "said" / f"{name}.jsonl")
        commands.append(_command("score", said, "--model", name, of=name, to=runs[name], jobs=jobs))
    page = folder / "leaderboard.html"
    compare = ["leaderboard", "vision2code", *map(str, runs.values()), "-o", str(page), "--title", TITLE]
    # Models are independent of each other, and trace keeps one core busy.
    problem = _problem(commands) or _problem([compare])
    return problem or page


def _command(name: str, *arguments: str, of: str, to: Path, jobs: int | None) -> list[str]:
    judge = f"replay/{RECORDED / 'judged' / of / 'judge.jsonl'}"
    at_once = [] if jobs is None else ["--jobs", str(jobs)]
    where = ["--data", str(RECORDED / "data"), "--judge", judge, "--output", str(to)]
    return [name, "vision2code", *arguments, *where, *at_once]


def _problem(commands: list[list[str]]) -> str | None:
    """Run commands side by side; what the first says that fails."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "derender", "bench", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for command in commands
    ]
    said = [each.communicate()[1].decode(errors="replace").strip() for each in running]
    # 1 says that a sample is not rated, which the page shows.
    failed = [text for each, text in zip(running, said, strict=True) if each.returncode not in {0, 1}]
    return failed[0] if failed else None
