"""Workers and jobs begin and end cleanly: cancelled, killed, or done."""

import contextlib
import os
import re
import select
import signal
import time
from pathlib import Path

import pytest

from derender.render.worker import frames
from derender.render.worker.dispatcher import MOST_FREE
from derender.render.worker.supervisor import GROWN_KB

SLEEPER = "print('begun', flush=True)\nimport time\ntime.sleep(1000)"


def wait_until(condition, seconds=20.0):
    """Poll: other processes end in their own time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.01)


def lost(job):
    """Whether a job's socket says, in one way or the other, that its worker is gone."""
    with job:
        try:
            header, _ = frames.recv(job, 100)
        except (frames.Closed, frames.Bad, ConnectionResetError):
            return True
    return header["failure"]["kind"] == "worker_lost"


def settled(own_worker, living_under, count):
    wait_until(lambda: len(living_under(own_worker.process.pid)) == count)


def test_hanging_up_ends_the_program(own_worker, living_under):
    idle = len(living_under(own_worker.process.pid))
    job = own_worker.start(SLEEPER)
    settled(own_worker, living_under, idle + 2)
    job.close()
    # The supervisor stays for the next job.
    settled(own_worker, living_under, idle + 1)
    assert own_worker.run("print('fine')").stdout == "fine\n"


def test_daemons_and_threads_are_gone_with_their_program(own_worker, living_under):
    idle = len(living_under(own_worker.process.pid))
    code = """
    import os, threading, time
    for _ in range(50): threading.Thread(target=time.sleep, args=[999], daemon=True).start()
    """
    assert own_worker.run(code).failure["kind"] == "no_picture"
    settled(own_worker, living_under, idle + 1)


def supervisors(own_worker, living_under):
    """A worker's supervisors; programs, which can take any name, live in another tree."""
    here = os.readlink(f"/proc/{own_worker.process.pid}/ns/pid_for_children")
    found = set()
    for pid in living_under(own_worker.process.pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            if name == "supervisor" and os.readlink(f"/proc/{pid}/ns/pid") == here:
                found.add(pid)
    return found


def parent(pid):
    """Whose child a process is."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def peak_kb(pid):
    """The most memory that a process had; 0 when it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) if found else 0
    return 0


def holdings(pid):
    """How many descriptors and mounts a process has."""
    return len(os.listdir(f"/proc/{pid}/fd")), len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())


def test_a_supervisor_sees_one_job_after_another_through_and_keeps_nothing(own_worker, living_under):
    leaves = "import os\nprint(sorted(os.listdir('..')))\nopen('../left', 'w').write('x')\nopen('left', 'w').write('x')"
    listing = own_worker.run(leaves).stdout
    # A job that comes before its supervisor has cleared up goes to another one.
    for _ in range(5):
        assert own_worker.run(leaves).stdout == listing
    first = supervisors(own_worker, living_under)
    wait_until(lambda: len({holdings(pid) for pid in first}) == 1)
    held = holdings(min(first))
    for _ in range(20):
        assert own_worker.run(leaves).stdout == listing
    after = supervisors(own_worker, living_under)
    assert first <= after
    assert len(after) <= 2
    wait_until(lambda: {holdings(pid) for pid in after} == {held})


def test_a_supervisor_that_has_grown_is_replaced(own_worker, living_under):
    large = own_worker.run("import os\nprint(os.path.getsize('large'))", {"large": bytes(150 << 20)})
    assert large.stdout == f"{150 << 20}\n"
    wait_until(lambda: all(peak_kb(pid) < GROWN_KB for pid in supervisors(own_worker, living_under)))
    assert own_worker.run("print('fine')").stdout == "fine\n"


def test_no_job_is_lost_to_a_supervisor_that_has_grown(own_worker):
    for _ in range(4):
        large = own_worker.start("print('large')", {"large": bytes(150 << 20)})
        beside = [own_worker.start(f"print({n})") for n in range(3)]
        with large:
            assert frames.recv(large, 100)[0]["stdout"] == "large\n"
        assert [own_worker.run(f"print({n})").stdout for n in range(5)] == [f"{n}\n" for n in range(5)]
        for n, job in enumerate(beside):
            with job:
                assert frames.recv(job, 100)[0]["stdout"] == f"{n}\n"


def test_many_jobs_at_once_leave_a_few_supervisors(own_worker, living_under):
    jobs = [own_worker.start("import time\ntime.sleep(1)\nprint(1)") for _ in range(12)]
    for job in jobs:
        with job:
            assert frames.recv(job, 100)[0]["stdout"] == "1\n"
    wait_until(lambda: len(supervisors(own_worker, living_under)) == MOST_FREE)


def test_a_killed_supervisor_is_replaced(own_worker, living_under):
    own_worker.run("print()")
    (free,) = supervisors(own_worker, living_under)
    os.kill(free, signal.SIGKILL)
    wait_until(lambda: not supervisors(own_worker, living_under))
    job = own_worker.start(SLEEPER)
    wait_until(lambda: len(living_under(own_worker.process.pid)) == 3)
    (busy,) = supervisors(own_worker, living_under)
    os.kill(busy, signal.SIGKILL)
    with job, pytest.raises((frames.Closed, ConnectionResetError)):
        frames.recv(job, 100)
    assert own_worker.run("print('fine')").stdout == "fine\n"
    wait_until(lambda: len(living_under(own_worker.process.pid)) == 2)


def test_end_of_the_control_socket_ends_everything(own_worker, living_under):
    idle = len(living_under(own_worker.process.pid))
    jobs = [own_worker.start(SLEEPER) for _ in range(3)]
    settled(own_worker, living_under, idle + 6)
    pids = living_under(own_worker.process.pid)
    own_worker.close()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))
    assert all(lost(job) for job in jobs)


@pytest.mark.parametrize("victim", ["dispatcher", "forker"])
def test_a_killed_worker_leaves_nothing(own_worker, living_under, victim):
    job = own_worker.start(SLEEPER)
    settled(own_worker, living_under, 3)
    pids = living_under(own_worker.process.pid)
    dispatcher = own_worker.process.pid
    (forker,) = {pid for pid in pids if parent(pid) == dispatcher} - supervisors(own_worker, living_under)
    target = dispatcher if victim == "dispatcher" else forker
    os.kill(target, signal.SIGKILL)
    own_worker.process.wait(20)
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))
    assert lost(job)


def test_jobs_run_side_by_side(worker):
    started = time.monotonic()
    jobs = [worker.start(f"import time\ntime.sleep(.5)\nprint({n})") for n in range(8)]
    outputs = []
    for job in jobs:
        with job:
            outputs.append(frames.recv(job, 100)[0]["stdout"])
    assert outputs == [f"{n}\n" for n in range(8)]
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    "garbage", [b"", b"garbage that is no frame", frames.pack({"files": ["a"]}, [b"source alone"])]
)
def test_a_broken_job_harms_no_other(worker, garbage):
    import socket

    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(worker._control, [b"J"], [theirs.fileno()])
    with ours:
        ours.sendall(garbage)
        ours.shutdown(socket.SHUT_WR)
        ours.settimeout(20)
        with pytest.raises((frames.Closed, ConnectionResetError)):
            frames.recv(ours, 100)
    assert worker.run("print('fine')").stdout == "fine\n"


def test_assets_that_climb_out_are_left_out(worker):
    code = "import os\nprint(sorted(os.listdir('.')), os.path.exists('/tmp/up'))"
    result = worker.run(code, {"../up": b"x", "/tmp/up": b"x", "in/side": b"x"})
    assert result.stdout == "['in', 'program.py'] False\n"


def test_large_sources_and_many_files(worker):
    files = {f"data/{n}.bin": bytes(1000) for n in range(3000)}
    files["large.bin"] = bytes(40 << 20)
    source = "#" + "x" * 3_000_000 + "\nimport os\nprint(len(os.listdir('data')), os.path.getsize('large.bin'))"
    assert worker.run(source, files).stdout == "3000 41943040\n"
