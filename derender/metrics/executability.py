"""Whether a program runs and draws something."""

from derender.core import Failure

from ._facts import Facts, Unscorable, fact
from ._metric import Part, Values, metric


@fact(of_program=True)
def outcome(facts: Facts) -> Failure | None:
    """Why the program drew nothing; None where it drew something.

    Raises:
        Unscorable: there is no program, or it failed by no fault of its own.
    """
    if facts.program is None and facts.failure is None:
        raise Unscorable(f"{facts.name or 'this side'} is a picture, and programs are run here")
    failure = facts.failure
    if failure is not None and failure.ours:
        raise Unscorable(f"the program was not run, by no fault of its own ({failure.kind}: {failure.message})")
    return failure


@metric(
    "executability",
    (Part("executability"),),
    needs=(outcome,),
    source="execution rate, as all benchmarks of programs that draw report it",
    cost_ms=1.0,
    family="code",
    default=False,
)
def executability(_: Facts, candidate: Facts) -> Values:
    """1 if the candidate runs to a picture, though it be blank, else 0; nothing is compared with the reference."""
    return {"executability": 0.0 if candidate[outcome] else 1.0}
