"""The browser's worker keeps nothing of the browsers it had before."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from derender.core import Assets
from derender.render.jobs import Job
from derender.render.languages.html import browser_worker
from derender.render.options import Isolation, Limits
from derender.render.worker.browser_usage import command, tree
from derender.render.workers import WorkerProcess

PAGES = 2
"""Pages after which the worker takes a new browser."""
LIMITS = Limits(wall_s=60, cpu_s=60)


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    spec = browser_worker(Isolation.STRICT)
    spec = replace(spec, config={**spec.config, "recycle": PAGES})
    worker = WorkerProcess(spec, tmp_path_factory.mktemp("browser"))
    worker.greet()
    yield worker
    worker.close()


def draw(worker, number):
    kind, source = ("plotly", '{"data": [{"y": [1, 2]}]}') if number % PAGES == 0 else ("html", f"<p>{number}</p>")
    assert worker.run(Job(kind, source, Assets(), {}, LIMITS)).failure is None


def renew(worker, times):
    for number in range(PAGES * times):
        draw(worker, number)


def own_kb(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))


def browsers(worker):
    return [
        pid for pid in tree(worker.pid) if b"--remote-debugging-pipe" in command(pid) and b"--type" not in command(pid)
    ]


def test_browsers_of_the_past_take_no_memory_and_no_descriptors(worker):
    renew(worker, 2)
    memory, descriptors = own_kb(worker.pid), len(os.listdir(f"/proc/{worker.pid}/fd"))
    renew(worker, 3)
    # The library that Plotly figures are drawn with is 4 MB, of each browser whose page is kept.
    assert own_kb(worker.pid) - memory < 7_000
    assert len(os.listdir(f"/proc/{worker.pid}/fd")) <= descriptors + 2


def test_a_browser_renewed_while_several_pages_are_drawn_is_ended(worker):
    threads = [threading.Thread(target=lambda: [draw(worker, number) for number in (1, 3, 5, 7, 9)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    draw(worker, 1)
    chromiums = [pid for pid in browsers(worker) if b"bwrap" not in command(pid).split(b"\0")[0]]
    assert len(chromiums) == 1
