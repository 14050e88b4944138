"""The engine's promises: right pictures, whose fault a failure is, nothing lost, nothing left."""

import asyncio
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import derender.render._attempts as attempts
import derender.render.workers as workers
from derender.core import FailureKind, InfraError, Language, Program
from derender.render import Engine, Limits, RenderOptions
from derender.render.workers import worker_environment

CHART = """\
import matplotlib.pyplot as plt
plt.figure(figsize=(4, 3))
plt.plot([1, 2, {n}])
plt.title('chart {n}')
plt.show()
"""
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'><rect width='{n}' height='9' fill='red'/></svg>"
PAGE = "<body style='margin:0;background:#0{n}f'><h1>page {n}</h1></body>"


def python(source: str) -> Program:
    return Program(textwrap.dedent(source), Language.PYTHON)


def descendants(pid: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, queue = set(), [pid]
    while queue:
        for child in children.get(queue.pop(), ()):
            found.add(child)
            queue.append(child)
    return found


@pytest.mark.parametrize(
    ("source", "language", "size", "words"),
    [
        (CHART.format(n=3), Language.PYTHON, (400, 300), "chart 3"),
        (SVG.format(n=30), Language.SVG, (60, 40), None),
        (PAGE.format(n=1), Language.HTML, (1280, 720), "page 1"),
    ],
)
def test_each_language_gives_a_picture(engine, source, language, size, words):
    rendering = engine.render(Program(source, language))
    assert rendering.failure is None
    picture = rendering.picture
    assert (picture.width, picture.height) == size == picture.image().size
    assert not picture.blank
    assert words is None or words in " ".join(picture.texts)
    assert rendering.fingerprint["fonts"]
    assert len(rendering.isolation) >= 3


def test_pixels_are_those_of_a_plain_run(engine, tmp_path):
    source = CHART.format(n=5).replace("plt.show()", "plt.savefig('out.png')")
    (tmp_path / "plain.py").write_text(source)
    environment = worker_environment(tmp_path, tmp_path)
    subprocess.run([sys.executable, "plain.py"], cwd=tmp_path, env=environment, check=True)
    plain = np.asarray(Image.open(tmp_path / "out.png").convert("RGB"))
    ours = np.asarray(engine.render(python(source)).image().convert("RGB"))
    assert np.array_equal(plain, ours)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("", FailureKind.NO_CODE, None),
        ("plt.plot(\n", FailureKind.SYNTAX, 1),
        ("x = 1\ny = undefined_name\n", FailureKind.RUNTIME, 2),
        ("import surely_not_a_module\n", FailureKind.MISSING_DEPENDENCY, 1),
        ("x = 1\n", FailureKind.NO_PICTURE, None),
        ("import sys\nsys.exit(3)\n", FailureKind.RUNTIME, None),
        ("import subprocess\nsubprocess.run(['ls'])\n", FailureKind.POLICY, 2),
        ("x = bytearray(50 << 30)\n", FailureKind.MEMORY, 1),
    ],
)
def test_the_programs_own_failures(engine, source, kind, line):
    rendering = engine.render(python(source))
    assert rendering.failure.kind is kind
    assert not rendering.failure.ours
    assert rendering.failure.message
    assert line is None or rendering.failure.line == line


def test_an_endless_loop_is_cpu_and_a_sleeper_is_deadline(engine):
    options = RenderOptions(limits=Limits(wall_s=10, cpu_s=1))
    assert engine.render(python("while True: pass"), options).failure.kind is FailureKind.CPU_BUDGET
    options = RenderOptions(limits=Limits.of_timeout(1))
    assert engine.render(python("import time\ntime.sleep(60)"), options).failure.kind is FailureKind.DEADLINE


def test_a_language_without_renderer_is_our_failure(engine):
    failure = engine.render(Program(r"\draw (0,0) -- (1,1);", Language.LATEX)).failure
    assert failure.kind is FailureKind.RENDERER_ABSENT
    assert failure.ours


def test_a_promised_module_that_is_absent_is_our_failure(engine, monkeypatch):
    from derender.render.languages.python import PythonRenderer

    monkeypatch.setattr(PythonRenderer, "promised", lambda self, module: module == "surely_not_a_module")
    failure = engine.render(python("import surely_not_a_module  # promised\n")).failure
    assert failure.kind is FailureKind.RENDERER_ABSENT
    assert failure.ours


def test_many_come_back_whole_and_in_order_when_asked(engine):
    programs = [Program(SVG.format(n=n + 1), Language.SVG) for n in range(12)]
    assert [index for index, _ in engine.render_many(programs, in_order=True)] == list(range(12))
    results = dict(engine.render_many(programs))
    for index, rendering in results.items():
        red = np.asarray(rendering.image().convert("RGBA"))[:, :, 3] > 127
        assert red.any(axis=0).sum() == index + 1
    assert len(results) == 12


def test_an_endless_iterator_is_read_only_a_little_ahead(engine):
    read = itertools.count()
    programs = (Program(SVG.format(n=next(read) % 50 + 1), Language.SVG) for _ in itertools.count())
    stream = engine.render_many(programs)
    assert len([next(stream) for _ in range(3)]) == 3
    stream.close()
    assert next(read) < 40


def test_asyncio_gets_the_same(engine):
    programs = [python(CHART.format(n=1)), Program(SVG.format(n=7), Language.SVG)]

    async def both():
        one = await engine.render_async(programs[1])
        many = [item async for item in engine.render_many_async(programs, in_order=True)]
        return one, many

    one, many = asyncio.run(both())
    assert one.picture.png == many[1][1].picture.png
    assert [index for index, _ in many] == [0, 1]


def test_threads_get_the_same_as_one_after_another(engine):
    programs = [python(CHART.format(n=n)) for n in range(3)] + [Program(SVG.format(n=n + 1), "svg") for n in range(3)]
    alone = [engine.render(program).picture.png for program in programs]
    together: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda i=i: together.__setitem__(i, engine.render(programs[i % 6]).picture.png))
        for i in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[i] for i in range(12)] == alone * 2


def test_equal_programs_at_once_run_once(tmp_path):
    program = python("import time, os\nimport matplotlib.pyplot as plt\nplt.plot([1])\ntime.sleep(.3)\nplt.show()\n")
    with Engine(jobs=4, cache=False) as engine:
        pictures = [rendering.picture.png for _, rendering in engine.render_many([program] * 4)]
    assert len(set(pictures)) == 1


def test_what_was_rendered_is_remembered_and_our_failures_are_not(tmp_path):
    program = python(CHART.format(n=9))
    with Engine(jobs=1, cache=tmp_path) as engine:
        first = engine.render(program)
        absent = Program("x", Language.LATEX)
        assert not engine.render(absent).cached
    with Engine(jobs=1, cache=tmp_path) as engine:
        again = engine.render(program)
        other_size = engine.render(program, RenderOptions(limits=Limits(cpu_s=29)))
        assert not engine.render(absent).cached
    assert (first.cached, again.cached, other_size.cached) == (False, True, False)
    assert again.pictures == first.pictures
    assert again.isolation == first.isolation


def test_a_killed_worker_costs_nothing_but_time():
    with Engine(jobs=2, cache=False) as engine:
        assert engine.render(python(CHART.format(n=1))).ok
        for worker in list(engine._pool._workers.values()):
            os.kill(worker._inner_pid or worker.pid, signal.SIGKILL)
        rendering = engine.render(python(CHART.format(n=2)))
        assert rendering.failure is None


def test_a_worker_killed_in_the_midst_is_replaced_and_the_program_not_blamed():
    slow = python("import time\nimport matplotlib.pyplot as plt\nplt.plot([1])\ntime.sleep(1)\nplt.show()\n")
    with Engine(jobs=1, cache=False) as engine:
        engine.render(python(CHART.format(n=1)))
        worker = next(iter(engine._pool._workers.values()))
        threading.Timer(0.4, lambda: os.kill(worker._inner_pid or worker.pid, signal.SIGKILL)).start()
        assert engine.render(slow).failure is None


@pytest.mark.parametrize(("elsewhere", "kind"), [(0, FailureKind.RUNTIME), (1, FailureKind.WORKER_LOST)])
def test_a_program_is_blamed_for_lost_workers_only_while_no_others_are_lost(engine, monkeypatch, elsewhere, kind):
    real_run = workers.WorkerProcess.run

    def lose(self, job):
        if "poison" in job.source:
            engine._pool.losses += elsewhere
            raise workers.WorkerLost("it died")
        return real_run(self, job)

    monkeypatch.setattr(workers.WorkerProcess, "run", lose)
    monkeypatch.setattr(attempts, "TRIES", 2)
    monkeypatch.setattr(attempts, "ROUNDS", 1)
    assert engine.render(python("poison = 1\n")).failure.kind is kind


def test_closing_ends_every_process_and_leaves_no_file():
    before = descendants(os.getpid())
    engine = Engine(jobs=2, cache=False)
    scratch = engine._scratch
    for program in (python(CHART.format(n=1)), Program(SVG.format(n=3), "svg"), Program(PAGE.format(n=2), "html")):
        assert engine.render(program).ok
    started = descendants(os.getpid()) - before
    assert started
    engine.close()
    assert not (descendants(os.getpid()) - before)
    assert not scratch.exists()
    with pytest.raises(InfraError):
        engine.render(python(CHART.format(n=1)))


def test_closing_in_the_midst_gives_back_cancelled_at_once():
    engine = Engine(jobs=1, cache=False)
    engine.render(python(CHART.format(n=1)))
    results = []
    thread = threading.Thread(target=lambda: results.append(engine.render(python("import time\ntime.sleep(30)"))))
    thread.start()
    while not engine._in_flight:
        os.sched_yield()
    started = time.monotonic()
    engine.close()
    thread.join()
    assert time.monotonic() - started < 10
    assert results[0].failure.kind is FailureKind.CANCELLED


def test_nothing_is_left_when_the_caller_is_killed(tmp_path):
    script = tmp_path / "caller.py"
    script.write_text(
        "import json, sys\nfrom derender.core import Program\nfrom derender.render import Engine\n"
        "engine = Engine(jobs=1, cache=False)\n"
        f"print(json.dumps(engine.render(Program({CHART.format(n=1)!r}, 'py')).ok), flush=True)\n"
        "engine.render(Program('import time; time.sleep(600)', 'py'))\n"
    )
    caller = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert json.loads(caller.stdout.readline()) is True
    started = descendants(caller.pid)
    assert started
    caller.kill()
    caller.wait()
    deadline = time.monotonic() + 20
    while (left := {pid for pid in started if _runs(pid)}) and time.monotonic() < deadline:
        os.sched_yield()
    assert not left


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_the_callers_secrets_do_not_come_through(engine, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "hunter2")
    source = """
        import os
        import matplotlib.pyplot as plt
        plt.text(.1, .5, " ".join(f"{k}={v}" for k, v in os.environ.items())[:2000])
        plt.show()
    """
    with Engine(jobs=1, cache=False) as fresh:
        texts = " ".join(fresh.render(python(source)).picture.texts)
    assert "hunter2" not in texts
    assert "TZ=UTC" in texts


def test_an_image_helper_sees_blankness():
    def png(image: Image.Image) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()

    assert attempts.is_blank(png(Image.new("RGB", (5, 5), "white")))
    assert attempts.is_blank(png(Image.new("L", (5, 5), 7)))
    speck = Image.new("RGB", (5, 5), "white")
    speck.putpixel((1, 1), (0, 0, 0))
    assert not attempts.is_blank(png(speck))


@pytest.mark.parametrize("colour", ["white", "#123456", "#fefdfc"])
@pytest.mark.parametrize("height", [10, 3000])
def test_a_page_of_one_colour_is_blank(engine, colour, height):
    page = f"<body style='margin:0;background:{colour};height:{height}px'>"
    assert engine.render(Program(page, "html")).picture.blank
    marked = page + "<p style='position:absolute;left:9px;top:5px;width:3px;height:3px;margin:0;background:red'>"
    assert not engine.render(Program(marked, "html")).picture.blank
