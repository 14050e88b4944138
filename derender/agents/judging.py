"""A judge that tells the loop which round is better."""

from typing import TYPE_CHECKING

from derender.core import Rendering
from derender.judges import Case, Judge
from derender.models.waiting import wait

from .scoring import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class JudgeScorer:
    """A judge as a scorer: its rating after caps; unscored where it gives none.

    Args:
        judge: rubric and model. That which writes the programs may judge them too, which is not the same as being
            judged by another.
        image: the picture that is wanted, height × width × 3 or 4 bytes.
        deadline: when to give up, as `time.monotonic` tells time.
    """

    def __init__(self, judge: Judge, image: "NDArray[np.uint8]", *, deadline: float | None = None) -> None:
        self.name = judge.rubric.name
        self._judge = judge
        self._image = image
        self._deadline = deadline

    def __call__(self, rendering: Rendering) -> Score:
        """The score of a rendering; a failed program's is the rubric's own for that, without asking."""
        case = Case(
            reference=self._image,
            candidate=rendering.picture.png if rendering.picture else None,
            code=rendering.program.source,
            execution_status=rendering.failure.kind.value if rendering.failure else "ok",
        )
        verdict = wait(self._judge.judge(case, deadline=self._deadline))
        return Score(self.name, verdict.final, verdict.final, verdict.unscored)
