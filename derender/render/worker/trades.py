"""What a forking worker does for a living: what it warms up, and what its programs' processes run."""

from collections.abc import Mapping
from typing import Any, Protocol


class Trade(Protocol):
    """One kind of forking worker. It warms up in the parent; everything else happens in forked children."""

    def warm(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Import and prepare what every program will need; must leave the process with one thread.

        Returns:
            What the worker says of itself in its hello: ``versions``, ``modules``.
        """

    def run(self, job: Mapping[str, Any], out: str) -> int:
        """Do one job inside its walls, the job's folder being the current one.

        Args:
            job: the supervisor's request.
            out: the folder for the journal and the pictures claimed in it.

        Returns:
            The exit code.
        """


def memory_limit(kind: str) -> str:
    """What the memory of a kind of job is limited by: ``as``, all address space, or ``data``, what is written to."""
    if kind == "python":
        return "as"
    from .vector import MEMORY_LIMIT

    return MEMORY_LIMIT.get(kind, "as")


def trade(kind: str) -> Trade:
    """The trade of a kind of worker."""
    if kind == "python":
        from .program import PythonTrade

        return PythonTrade()
    from .vector import VectorTrade

    return VectorTrade()
