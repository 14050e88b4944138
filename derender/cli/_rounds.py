"""Pictures that a model is asked about in rounds, looking at what it drew: made, kept and said."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import InfraError, UserError

from ._converted import Item, Results
from ._run_folder import RunFolder, rendering_row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.agents import Round, Score, Trajectory
    from derender.agents.trajectory import Truth
    from derender.core import Program, Rendering
    from derender.metrics import Scores
    from derender.models import ChatModel, Conversion, Model
    from derender.render import Engine, RenderOptions

RoundsWanted = Annotated[
    int,
    typer.Option(
        "--rounds",
        metavar="N",
        help="Show the model what it drew and let it revise, in N answers at most; the first of --metric decides.",
    ),
]
_DECIDES = "ssim"
"""The metric that does where the user names none."""


def check_rounds(rounds: int, name: str, model: "Model | ChatModel") -> None:
    """See whether a model can be asked so often.

    Raises:
        UserError: it can't.
    """
    from derender.models import ChatModel

    if rounds < 1:
        raise UserError(f"--rounds must be at least 1, not {rounds}")
    if rounds > 1 and not isinstance(model, ChatModel):
        raise UserError(
            f"the model {name} does not look at what it drew: --rounds needs one that is asked, openai/NAME"
        )


@dataclass(frozen=True, slots=True)
class Revised:
    """What came of a picture in rounds.

    Attributes:
        trajectory: the rounds.
        scores: by all metrics, of each program.
        metric: the one that decided.
    """

    trajectory: "Trajectory"
    scores: "Mapping[Program, Scores]"
    metric: str

    def chosen(self) -> "Conversion":
        """The round that is the result. Its reply is kept with the others.

        Raises:
            NoAnswer: no round has a program.
            ModelError: the model could not be asked before there was one.
        """
        from derender.models import Conversion, NoAnswer

        trajectory = self.trajectory
        best = trajectory.chosen
        if best is None or best.program is None or best.rendering is None:
            if trajectory.error is not None:
                raise trajectory.error
            first = trajectory.rounds[0]
            raise NoAnswer(f"no round gave a program; the first: {first.why}", first.reply)
        scores = self.of(best)
        return Conversion(
            best.program, best.rendering, scores.scores, scores.unscored, model_s=round(trajectory.model_s, 3)
        )

    def of(self, made: "Round") -> "Scores":
        """What all metrics say of a round."""
        from derender.metrics import Scores

        if made.program is None:
            return Scores()
        reason = made.score.unscored if made.score else None
        return self.scores.get(made.program) or Scores(unscored={self.metric: reason} if reason else {})

    def oracle(self) -> dict[str, int]:
        """Metric → the round that is best by it, which the loop did not look for unless it decided."""
        names = dict.fromkeys(name for scores in self.scores.values() for name in scores.scores)
        best = {name: self.trajectory.oracle(self._worth_by(name)) for name in names}
        return {name: made.number for name, made in best.items() if made is not None}

    def _worth_by(self, metric: str) -> "Truth":
        from derender.agents import score_of

        return lambda made: score_of(self.of(made), metric).worth


class _Scoreboard:
    """All metrics' scores of a picture's renderings; the loop is told one of them."""

    def __init__(self, image: "NDArray[np.uint8]", metrics: list[str] | None) -> None:
        from derender.metrics import observe

        self.name = metrics[0] if metrics else _DECIDES
        self.scores: dict[Program, Scores] = {}
        self._reference = observe(image)
        self._metrics = metrics

    def __call__(self, rendering: "Rendering") -> "Score":
        from derender.agents import score_of
        from derender.metrics import score

        scores = self.scores[rendering.program] = score(self._reference, rendering, self._metrics)
        return score_of(scores, self.name)


def revise(
    model: "ChatModel",
    engine: "Engine",
    image: "NDArray[np.uint8]",
    item: Item,
    rounds: int,
    *,
    metrics: list[str] | None,
    options: "RenderOptions",
) -> Revised:
    """Have one item's program drafted and revised."""
    from derender.agents import Budget, Task, refine

    board = _Scoreboard(image, metrics)
    task = Task(image, item.target, item.stem)
    done = refine(task, model, engine, board, budget=Budget(rounds), options=options)
    return Revised(done, board.scores, board.name)


class RoundResults(Results):
    """Writes what was made, be it in one go or in rounds, and says so."""

    def take(self, item: Item, future: "Future[tuple[bytes, Conversion | Revised]]") -> None:
        """Write one item's files, then report it."""
        from derender.models import ModelError

        error = future.exception()
        if error is not None:
            self.fail(item, error)
            return
        reference, made = future.result()
        if not isinstance(made, Revised):
            self.keep(item, reference, made)
            return
        try:
            item = _with_rounds(self._folder, item, made)
        except InfraError as failed:
            self.not_written(item, failed)
            return
        try:
            self.keep(item, reference, made.chosen())
        except ModelError as failed:
            self.fail(item, failed)


def _with_rounds(folder: RunFolder, item: Item, made: Revised) -> Item:
    """Keep all rounds' files; the item with what is to be said of them.

    Raises:
        InfraError: they can't be written.
    """
    done = made.trajectory
    rows = [_kept(folder, item, made, each) for each in done.rounds]
    picked = {
        "decided_by": made.metric,
        "chosen": done.chosen.number if done.chosen else None,
        "last": done.last.number if done.last else None,
        "oracle": made.oracle(),
        "stop": done.stop.value,
        "why": done.why,
    }
    brief = [{name: row[name] for name in ("round", "accepted", "why", "score")} for row in rows]
    return replace(
        item,
        notes={**item.notes, "rounds": {**picked, "each": rows}},
        told={"rounds": {**picked, "each": brief}},
        facts=(f"round {done.chosen.number} of {len(rows)} ({_by_round(made)})",) if done.chosen else (),
    )


def _by_round(made: Revised) -> str:
    """The metric that decided, round by round: ``ssim 0.512, failed, 0.841, –``."""
    words = []
    for each in made.trajectory.rounds:
        value = each.score.value if each.score else None
        failed = each.rendering is not None and not each.rendering.ok
        words.append("failed" if failed else "–" if value is None else f"{value:.3f}")
    return f"{made.metric} {', '.join(words)}"


def _kept(folder: RunFolder, item: Item, made: Revised, done: "Round") -> dict[str, Any]:
    """Write one round's files; what the run folder's line says of it."""
    from derender.models.records import usage_row

    # Claimed stems hold no tilde; the replies' names are those that a replay of the folder looks for.
    name = f"{item.stem}~{done.number}"
    reply = folder.write(f"reply/{item.stem if done.number == 1 else name}.txt", done.reply)
    program = folder.write(f"rounds/{name}{item.target.suffix}", done.program.source) if done.program else None
    drawn = done.rendering.picture if done.rendering else None
    picture = folder.relative(folder.write(f"rounds/{name}.png", drawn.png)) if drawn else None
    scores = made.of(done)
    return {
        "round": done.number,
        "accepted": done.accepted,
        "why": done.why,
        "score": done.score.value if done.score else None,
        "prompt": done.prompt,
        "request": done.request,
        "reply": folder.relative(reply),
        "program": folder.relative(program),
        "rendering": rendering_row(done.rendering, [picture] if picture else []) if done.rendering else None,
        "scores": {metric: dict(parts) for metric, parts in scores.scores.items()},
        "unscored": dict(scores.unscored),
        "usage": usage_row(done.usage),
        "model_s": round(done.model_s, 3),
    }
