"""Programs written by request: the work that `generate` and `edit` share."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ._converted import Item, Results
from ._files import Names
from ._models import Asked
from ._options import EngineOptions
from ._output import Output
from ._run_folder import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.models import Conversion, NoAnswer, Sampling
    from derender.models.drafts import Assignment
    from derender.render import Engine


@dataclass(frozen=True, slots=True)
class Job:
    """A program to be written, and the items that its samples become."""

    assignment: "Assignment"
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Work:
    """How requests are answered.

    Attributes:
        reference: picture file that renderings are scored against.
        metrics: which ones; None is all.
        environment: that Python programs run in.
    """

    asked: Asked
    sampling: "Sampling"
    engine: EngineOptions
    reference: Path | None = None
    metrics: Sequence[str] | None = None
    environment: str | None = None

    def run(self, jobs: Sequence[Job], output: Path, model: str, *, json_lines: bool) -> int:
        """Do all jobs; the exit code.

        Raises:
            BadPicture: the reference is none.
        """
        from derender.models.conversion import as_array

        picture = as_array(self.reference) if self.reference else None
        total = sum(len(job.items) for job in jobs)
        with (
            RunFolder(output) as folder,
            Output(total, "written", json_lines=json_lines) as out,
            self.engine.engine() as engine,
        ):
            results = Results(folder, out, model)
            png = self._png(picture)
            try:
                for job, made in self._answers(jobs, engine, picture):
                    for item, each in zip(job.items, made, strict=True):
                        if isinstance(each, BaseException):
                            results.fail(item, each)
                        else:
                            results.keep(item, png, each)
            finally:
                # What was spent is spent, also where this was stopped.
                self.asked.tell(folder, json_lines=json_lines)
        return out.exit_code

    def _png(self, picture: "NDArray[np.uint8] | None") -> bytes | None:
        from .convert import png

        return None if picture is None or self.reference is None else png(self.reference, picture)

    def _answers(
        self, jobs: Sequence[Job], engine: "Engine", picture: "NDArray[np.uint8] | None"
    ) -> "Iterator[tuple[Job, Sequence[Conversion | BaseException]]]":
        threads = ThreadPoolExecutor(len(jobs), thread_name_prefix="write")
        try:
            pending = {threads.submit(self._write, job, engine, picture): job for job in jobs}
            for future in as_completed(pending):
                error = future.exception()
                job = pending[future]
                yield job, future.result() if error is None else [error] * len(job.items)
        finally:
            # Not waited for: when this breaks off, nobody wants the model's answer any more.
            threads.shutdown(wait=False, cancel_futures=True)

    def _write(
        self, job: Job, engine: "Engine", picture: "NDArray[np.uint8] | None"
    ) -> "Sequence[Conversion | NoAnswer]":
        from derender.models.conversion import drawing_options
        from derender.models.writing import write_programs
        from derender.render import RenderOptions

        target = job.assignment.target
        options = RenderOptions() if picture is None else drawing_options(picture, target)
        return write_programs(
            self.asked.model,
            engine,
            job.assignment,
            sampling=self.sampling,
            options=replace(options, limits=self.engine.limits(), environment=self.environment),
            reference=picture,
            metrics=self.metrics,
        )


def items_of(assignment: "Assignment", template: Item, names: Names, samples: int) -> list[Item]:
    """The items of an assignment's samples: the first by the template's own stem, the others numbered."""
    notes = {**template.notes, "prompt": assignment.prompt}
    stems = [template.stem, *(names.claim(template.stem) for _ in range(samples - 1))]
    return [replace(template, stem=stem, notes=notes) for stem in stems]
