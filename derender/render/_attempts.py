"""Runs one program, again where the machine was at fault, and draws the pictures that were put off."""

from collections.abc import Callable
from dataclasses import replace

from derender.core import Assets, Failure, FailureKind, Picture, Program

from .jobs import Drawn, Job, JobResult, WorkerLost
from .languages import Renderer
from .languages.html import browser_worker
from .languages.svg import vector_worker
from .options import Isolation, RenderOptions
from .worker_pool import WorkerPool
from .workers import CannotStart, WorkerProcess, WorkerSpec

TRIES = 3
"""How often a program is run where the machine was at fault, or its worker was lost, before that means anything."""
ROUNDS = 24
"""How often it gets as many workers to itself while others are lost as well."""
CANCELLED = Failure(FailureKind.CANCELLED, "the rendering was called off")
RETRIED = frozenset({FailureKind.STARVED, FailureKind.WORKER_LOST, FailureKind.DISK_FULL})

_CANARIES = {
    "python": "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()\n",
    "svg": "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='4' height='4'/></svg>",
    "html": "<p>here</p>",
    "plotly": '{"data": [{"y": [1, 2]}]}',
    "vegalite": '{"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a"}}}',
}


class Attempts:
    """All the tries one program gets."""

    def __init__(
        self, pool: WorkerPool, renderer: Renderer, isolation: Isolation, cancelled: Callable[[], bool]
    ) -> None:
        self._pool = pool
        self._renderer = renderer
        self._isolation = isolation
        self._cancelled = cancelled
        self.work_s = 0.0
        """Seconds the workers were at it, without the time it took to start them."""

    def run(self, program: Program, options: RenderOptions) -> JobResult:
        """What the program's own job gave."""
        spec = self._renderer.worker(program, options, self._isolation)
        return self._run_job(spec, self._renderer.job(program, options))

    def pictures(self, result: JobResult, options: RenderOptions) -> tuple[tuple[Picture, ...], Failure | None]:
        """The pictures of a result, with those that were put off drawn now, and the failure that remains."""
        pictures: list[Picture] = []
        failure = result.failure
        for drawn in result.drawn:
            if drawn.media == "png":
                pictures.append(_picture(drawn))
                continue
            left_s = options.limits.wall_s - self.work_s
            if left_s <= 0:
                failure = failure or Failure(FailureKind.DEADLINE, "drawing all its figures takes too long")
                break
            limits = replace(options.limits, wall_s=left_s, cpu_s=min(left_s, options.limits.cpu_s))
            later = self._draw_later(drawn, replace(options, limits=limits))
            pictures += [replace(_picture(each), name=_as_png(drawn.name)) for each in later.drawn[:1]]
            failure = failure or later.failure
        if not pictures and failure is None:
            failure = Failure(FailureKind.NO_PICTURE, "the program ended without drawing a picture")
        return tuple(_unique(pictures)), failure

    def _draw_later(self, drawn: Drawn, options: RenderOptions) -> JobResult:
        drawing = {"width": drawn.width or None, "height": drawn.height or None, "scale": drawn.scale}
        job = Job(drawn.media, drawn.content.decode("utf-8", "replace"), Assets(), drawing, options.limits)
        if drawn.media in {"plotly", "vegalite"}:
            return self._run_job(browser_worker(self._isolation, getattr(self._renderer, "plotly_script", None)), job)
        if drawn.media == "svg":
            job = replace(job, options={**drawing, "width": None, "height": None, "background": None})
        return self._run_job(vector_worker(self._isolation), job)

    def _run_job(self, spec: WorkerSpec, job: Job) -> JobResult:
        result = None
        try:
            for _ in range(TRIES):
                if self._cancelled():
                    return _nothing(CANCELLED)
                result = self._on_shared(spec, job)
                if result is not None and not _again(result):
                    return result
            if result is None or _lost(result):
                result = self._suspect(spec, job)
        except CannotStart as error:
            return _nothing(error.failure)
        return result

    def _on_shared(self, spec: WorkerSpec, job: Job) -> JobResult | None:
        """What the worker of everybody gives; None when it was lost over it."""
        try:
            worker = self._pool.get(spec)
        except WorkerLost:
            return None
        try:
            result = worker.run(job)
        except WorkerLost:
            self._pool.discard(spec, worker)
            return None
        self.work_s += result.wall_s
        return result

    def _suspect(self, spec: WorkerSpec, job: Job) -> JobResult:
        """Tell a program that its workers are lost by from one that merely was there, by giving it workers of its own.

        It is to blame when it loses each of those, all of which drew something plain before, while no other worker is
        lost. Where others are lost too, something outside is at work: then it is tried again.
        """
        lost = Failure(FailureKind.WORKER_LOST, f"the worker was lost {TRIES * (1 + ROUNDS)} times, and so were others")
        for _ in range(ROUNDS):
            losses = self._pool.losses
            for _ in range(TRIES):
                if self._cancelled():
                    return _nothing(CANCELLED)
                result = self._alone(spec, job)
                if result is not None and not _lost(result):
                    return result
            if self._pool.losses == losses and not self._cancelled():
                message = f"the renderer crashes on this program every time, {2 * TRIES} times so far, and draws others"
                return _nothing(Failure(FailureKind.RUNTIME, message))
        return _nothing(lost)

    def _alone(self, spec: WorkerSpec, job: Job) -> JobResult | None:
        """What a worker gives that has drawn something plain; None when it was lost over the program."""
        canary = _CANARIES.get(job.kind)
        try:
            with self._pool.alone(spec) as worker:
                if canary is not None:
                    plain = _plain(worker, replace(job, source=canary, assets=Assets()))
                    if plain is None:
                        self._pool.losses += 1
                        return None
                result = worker.run(job)
        except WorkerLost:
            return None
        self.work_s += result.wall_s
        return result


def _plain(worker: WorkerProcess, canary: Job) -> JobResult | None:
    """The result of a program that can't fail; None where it does."""
    try:
        result = worker.run(canary)
    except WorkerLost:
        return None
    return result if result.failure is None else None


def _again(result: JobResult) -> bool:
    return result.doubtful or (result.failure is not None and result.failure.kind in RETRIED)


def _lost(result: JobResult) -> bool:
    return result.failure is not None and result.failure.kind is FailureKind.WORKER_LOST


def _nothing(failure: Failure) -> JobResult:
    return JobResult((), failure, (), 0.0, 0.0, ())


def _picture(drawn: Drawn) -> Picture:
    blank = is_blank(drawn.content) if drawn.blank is None else drawn.blank
    return Picture(drawn.name, drawn.content, drawn.width, drawn.height, blank, drawn.texts)


_BLANK_RATIO = 100
"""Every deflate makes one colour over and over smaller than this, even the one in haste: Chromium's 170 times."""


def is_blank(png: bytes) -> bool:
    """Whether every pixel of a PNG has the same colour."""
    import io

    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        if len(png) > image.width * image.height * len(image.getbands()) // _BLANK_RATIO + 2048:
            # Looking at every pixel of a page takes as long as a tenth of drawing it.
            return False
        extrema = image.getextrema()
    bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(low == high for low, high in bands)


def _as_png(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return f"{stem if dot else name}.png"


def _unique(pictures: list[Picture]) -> list[Picture]:
    seen: dict[str, int] = {}
    result = []
    for picture in pictures:
        count = seen.get(picture.name, 0)
        seen[picture.name] = count + 1
        if count:
            stem, _, suffix = picture.name.rpartition(".")
            picture = replace(picture, name=f"{stem or picture.name}-{count + 1}.{suffix or 'png'}")
        result.append(picture)
    return result
