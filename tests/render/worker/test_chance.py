"""Inside one program's process: what asks for chance or the time, what waits for the time, and what stays as it is."""

import pytest


@pytest.fixture
def held_clock(worker):
    if worker.hello["clock"] != "held":
        pytest.skip("the clock of this machine can't be held")


def shown(worker, source, **limits):
    return worker.run(source, **limits).stdout.splitlines()


@pytest.mark.usefixtures("held_clock")
def test_the_clock_begins_at_the_fixed_moment_and_moves_on(worker):
    first, second, third = shown(
        worker,
        """
        import datetime, time
        print(datetime.datetime.now())
        print(time.time_ns() < time.time_ns() < time.time_ns())
        print(time.perf_counter() < time.perf_counter(), time.monotonic() < time.monotonic())
        """,
    )
    assert first == "2024-01-01 00:00:00.000001"
    assert (second, third) == ("True", "True True")


@pytest.mark.usefixtures("held_clock")
def test_every_library_sees_the_same_time_and_all_types_stay(worker):
    lines = shown(
        worker,
        """
        import datetime, pickle, time, ctypes
        import numpy as np
        now = datetime.datetime.now()
        print(now.date(), datetime.date.today(), np.datetime64("today"), np.datetime64("now"), time.strftime("%F"))
        print(type(now) is datetime.datetime, datetime.datetime.__module__, pickle.loads(pickle.dumps(now)) == now)
        moment = (ctypes.c_long * 2)()
        ctypes.CDLL(None).gettimeofday(moment, None)
        print(moment[0], moment[1] < 1000, ctypes.CDLL(None).time(None))
        """,
    )
    assert lines[0] == "2024-01-01 2024-01-01 2024-01-01 2024-01-01T00:00:00 2024-01-01"
    assert lines[1] == "True datetime True"
    assert lines[2] == "1704067200 True 1704067200"


@pytest.mark.usefixtures("held_clock")
def test_loops_that_wait_for_the_clock_end(worker):
    lines = shown(
        worker,
        """
        import threading, time
        for wait in (lambda: None, lambda: time.sleep(0.1), lambda: threading.Event().wait(0.1)):
            begun = time.time()
            while time.time() < begun + 0.5:
                wait()
            print(round(time.time() - begun, 2))
        """,
    )
    assert lines == ["0.5", "0.5", "0.5"]


def test_sleeping_takes_as_long_as_asked(worker):
    result = worker.run("import time; time.sleep(0.4)")
    assert result.header["wall_s"] > 0.4


def test_locks_wait_by_the_real_clock(worker):
    lines = shown(
        worker,
        """
        import threading, time
        lock = threading.Lock()
        lock.acquire()
        real = time.clock_gettime(time.CLOCK_MONOTONIC)
        print(lock.acquire(timeout=0.3), time.clock_gettime(time.CLOCK_MONOTONIC) - real > 0.29)
        """,
    )
    assert lines == ["False True"]


def test_pictures_are_still_put_in_the_order_of_their_files(worker):
    result = worker.run("""
        import matplotlib.pyplot as plt
        for name in ("b.png", "a.png"):
            plt.figure(figsize=(1, 1))
            plt.savefig(name)
    """)
    assert result.names == ["b.png", "a.png"]


def test_a_seed_of_the_programs_own_means_what_it_always_meant(worker):
    lines = shown(
        worker,
        """
        import random
        import numpy as np
        random.seed(7); np.random.seed(7)
        print(random.random(), random.Random(7).random(), np.random.rand(), np.random.default_rng(7).random())
        """,
    )
    assert lines == ["0.32383276483316237 0.32383276483316237 0.07630828937395717 0.625095466604667"]


def test_unseeded_generators_differ_from_one_another(worker):
    lines = shown(
        worker,
        """
        import os, random, uuid
        import numpy as np
        print(random.Random().random() != random.Random().random())
        print(np.random.default_rng().random() != np.random.default_rng().random())
        print(uuid.uuid4() != uuid.uuid4(), uuid.uuid1() != uuid.uuid1(), os.urandom(9) != os.urandom(9))
        """,
    )
    assert lines == ["True", "True", "True True True"]


def test_threads_take_turns_only_where_they_wait(worker):
    (line,) = shown(
        worker,
        """
        import threading
        done = []
        draw = lambda n: done.extend([n for _ in range(50_000)])
        threads = [threading.Thread(target=draw, args=(n,)) for n in range(4)]
        [each.start() for each in threads]
        [each.join() for each in threads]
        print(sum(a != b for a, b in zip(done, done[1:])))
        """,
    )
    assert line == "3"


@pytest.mark.parametrize("name", ["cpu_count()", "sched_getaffinity(0)"])
def test_a_program_sees_one_processor(worker, name):
    assert shown(worker, f"import os; print(os.{name})") in (["1"], ["{0}"])
