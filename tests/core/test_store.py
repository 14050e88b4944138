import contextlib
import hashlib
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import warnings
from pathlib import Path

import pytest

from derender.core import _index, store
from derender.core.store import INLINE_BYTES, ContentStore, Entry, default_folder

SMALL = b"small " * 100
LARGE = os.urandom(INLINE_BYTES + 1)


def run_python(program, *arguments, **options):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)], **options)


def blob_files(folder):
    return sorted(folder.glob("[0-9a-f][0-9a-f]/*"))


@pytest.fixture
def kept(tmp_path):
    with contextlib.closing(ContentStore(tmp_path / "store")) as found:
        yield found


@pytest.mark.parametrize(
    ("value", "blobs"),
    [(b"", ()), (b"\0v", (SMALL,)), (b"v", (b"", LARGE, SMALL, LARGE)), (b"v" * 300_000, (LARGE, LARGE[::-1]))],
)
def test_what_is_put_is_got(kept, value, blobs):
    assert kept.get("key") is None
    assert kept.put("key", value, blobs)
    assert kept.get("key") == Entry(value, blobs)
    with contextlib.closing(ContentStore(kept.folder)) as later:
        assert later.get("key") == Entry(value, blobs)


def test_a_later_put_replaces_an_earlier_one(kept):
    kept.put("key", b"1", [SMALL, LARGE])
    kept.put("key", b"2", [LARGE])
    assert kept.get("key") == Entry(b"2", (LARGE,))
    assert kept.info().entries == 1


def test_a_large_blob_is_one_file_named_by_its_hash(kept):
    for key in "abc":
        kept.put(key, b"", [LARGE, SMALL])
    name = hashlib.sha256(LARGE).hexdigest()
    assert blob_files(kept.folder) == [kept.folder / name[:2] / name]
    assert kept.info().bytes == len(LARGE) + len(SMALL)


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda path: path.write_bytes(LARGE[:-1]), lambda p: p.write_bytes(b"")]
)
def test_an_entry_whose_blob_is_gone_or_damaged_is_a_miss_and_can_be_put_again(kept, damage):
    kept.put("key", b"v", [LARGE, SMALL])
    kept.put("other", b"v", [SMALL])
    damage(blob_files(kept.folder)[0])
    assert kept.get("key") is None
    assert kept.info().entries == 1
    assert kept.get("other") == Entry(b"v", (SMALL,))
    kept.put("key", b"v", [LARGE, SMALL])
    assert kept.get("key") == Entry(b"v", (LARGE, SMALL))


def test_a_damaged_blob_in_the_database_is_a_miss(kept):
    kept.put("key", b"v", [SMALL])
    with contextlib.closing(sqlite3.connect(kept.folder / f"index-{_index.SCHEMA}.sqlite")) as connection:
        connection.execute("UPDATE blobs SET content = ?", (SMALL[::-1],))
        connection.commit()
    assert kept.get("key") is None
    kept.put("key", b"v", [SMALL])
    assert kept.get("key") == Entry(b"v", (SMALL,))


def test_a_full_store_drops_what_was_used_longest_ago(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "STAMP_S", 0)
    monkeypatch.setattr(store, "PRUNE_EVERY", 1)
    kept = ContentStore(tmp_path, max_bytes=20_000)
    for number in range(18):
        kept.put(str(number), b"", [os.urandom(1000)])
    assert kept.get("0") and kept.get("3")
    for number in range(18, 22):
        kept.put(str(number), b"", [os.urandom(1000)])
    left = [number for number in range(22) if kept.get(str(number))]
    assert 0 in left and 3 in left and 1 not in left and 2 not in left
    assert kept.info().bytes <= 20_000
    kept.close()


def test_large_puts_are_held_to_the_bound_at_once(tmp_path):
    kept = ContentStore(tmp_path, max_bytes=5 * len(LARGE))
    for number in range(20):
        kept.put(str(number), b"", [os.urandom(len(LARGE))])
        assert kept.info().bytes <= kept.max_bytes
    assert len(blob_files(tmp_path)) == kept.info().entries > 2
    kept.close()


def test_pruning_and_clearing_give_the_space_back(kept):
    for number in range(50):
        kept.put(str(number), b"", [os.urandom(INLINE_BYTES), os.urandom(22_000)])
    kept.put("large", b"", [LARGE])
    full = kept.info().bytes
    freed = kept.prune(500_000)
    assert kept.info().bytes <= 500_000
    assert freed == full - kept.info().bytes
    assert sum(path.stat().st_size for path in kept.folder.rglob("*") if path.is_file()) < 700_000
    assert kept.clear() > 0
    assert (kept.info().entries, kept.info().bytes, blob_files(kept.folder)) == (0, 0, [])
    assert kept.put("key", b"v") and kept.get("key")


def test_shared_blobs_do_not_keep_the_store_above_its_bound(kept):
    for number in range(100):
        kept.put(str(number), b"", [SMALL, b"%d" % number * 50])
    kept.prune(2000)
    assert kept.info().bytes <= 2000


def test_pruning_removes_files_nobody_names_but_not_young_ones(kept):
    kept.put("key", b"", [LARGE])
    folder = blob_files(kept.folder)[0].parent
    old, young = folder / ".left.tmp", folder / "young"
    for path in (old, young, kept.folder / "damaged-index-1.sqlite", kept.folder / "index-0.sqlite-wal"):
        path.write_bytes(b"x")
        if path != young:
            os.utime(path, (1, 1))
    (kept.folder / "fonts").mkdir()
    kept.prune()
    assert young.exists() and not old.exists()
    assert sorted(path.name for path in kept.folder.glob("[di]*-*")) == [
        path.name for path in sorted(kept.folder.glob(f"index-{_index.SCHEMA}.*"))
    ]
    assert (kept.folder / "fonts").exists()
    assert kept.get("key") == Entry(b"", (LARGE,))


def test_hits_write_seldom(kept, monkeypatch):
    kept.put("key", b"v", [SMALL])
    stamped = []
    monkeypatch.setattr(kept._index, "stamp", stamped.append)
    for _ in range(300):
        kept.get("key")
    assert stamped == []
    monkeypatch.setattr(store, "STAMP_S", -1)
    for _ in range(store.STAMPS_AT_ONCE + 1):
        kept.get("key")
    assert stamped == [["key"]]


def hammer(folder, seed):
    kept = ContentStore(folder, max_bytes=400_000)
    wrong = []

    def work(thread):
        try:
            steps(thread)
        except RuntimeWarning as warning:
            wrong.append(str(warning))

    def steps(thread):
        for step in range(60):
            number = (seed * 7 + thread * 3 + step * 5) % 40
            found = kept.get(str(number))
            if found is None:
                kept.put(str(number), b"%d" % number, [b"%d " % number * 3000, bytes([number]) * (INLINE_BYTES + 9)])
            elif found != Entry(b"%d" % number, (b"%d " % number * 3000, bytes([number]) * (INLINE_BYTES + 9))):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept.close()
    return wrong


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_many_processes_and_threads_share_a_store(tmp_path, method):
    parent = ContentStore(tmp_path, max_bytes=400_000)
    parent.put("parent", b"v", [SMALL])
    with multiprocessing.get_context(method).Pool(6) as pool:
        assert pool.starmap(hammer, [(tmp_path, seed) for seed in range(6)]) == [[]] * 6
    assert parent.put("parent", b"w") and parent.get("parent") == Entry(b"w", ())
    assert parent.info().entries > 1
    parent.close()


def begin(folder, barrier, answers):
    kept = ContentStore(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        barrier.wait(30)
        answers.put(kept.put(str(os.getpid()), b"v", [LARGE]))


def test_many_processes_begin_a_store_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    for trial in range(5):
        barrier, answers = context.Barrier(8), context.SimpleQueue()
        processes = [context.Process(target=begin, args=(tmp_path / str(trial), barrier, answers)) for _ in range(8)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * 8
        assert all(answers.get() for _ in processes)
        with contextlib.closing(ContentStore(tmp_path / str(trial))) as kept:
            assert kept.info().entries == 8


def test_a_store_opened_before_a_fork_serves_both_sides(kept):
    kept.put("key", b"v", [SMALL, LARGE])
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            code = int(kept.get("key") != Entry(b"v", (SMALL, LARGE)) or not kept.put("child", b"c"))
            kept.close()
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert kept.get("child") == Entry(b"c", ())
    assert kept.put("key", b"w")


def test_threads_that_come_and_go_leave_no_files_open(kept):
    kept.put("key", b"v", [SMALL])
    for _ in range(50):
        thread = threading.Thread(target=kept.get, args=("key",))
        thread.start()
        thread.join()
    names = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _is_link(fd)]
    assert sum(name == str(kept._index.path) for name in names) == 1


def _is_link(fd):
    return os.path.lexists(f"/proc/self/fd/{fd}")


WRITER = """
    import os, sys
    from derender.core.store import INLINE_BYTES, ContentStore
    kept = ContentStore(sys.argv[1], max_bytes=3_000_000)
    for step in range(10_000):
        number = step % 50
        kept.put(str(number), b"%d" % number, [bytes([number]) * 5000, bytes([number]) * (INLINE_BYTES + number)])
        if step == int(sys.argv[2]):
            print("ready", flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_a_store_that_works(tmp_path):
    for ready_at in (0, 3, 20, 60):
        writers = [run_python(WRITER, tmp_path, ready_at, stdout=subprocess.PIPE) for _ in range(2)]
        for writer in writers:
            assert writer.stdout.readline() == b"ready\n"
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            writer.communicate()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = ContentStore(tmp_path, max_bytes=3_000_000)
        found = [(number, kept.get(str(number))) for number in range(50)]
        assert any(entry for _, entry in found)
        for number, entry in found:
            blobs = (bytes([number]) * 5000, bytes([number]) * (INLINE_BYTES + number))
            assert entry in (None, Entry(b"%d" % number, blobs))
        for path in blob_files(tmp_path):
            os.utime(path, (1, 1))
        kept.prune()
        named = {hashlib.sha256(entry.blobs[1]).hexdigest() for _, entry in found if entry}
        assert {path.name for path in blob_files(tmp_path)} <= named
        assert kept.put("after", b"v", [LARGE]) and kept.get("after")
        kept.close()


def warned(kept, work):
    with pytest.warns(RuntimeWarning, match="can't be used") as caught:
        result = work()
        assert kept.get("nothing") is None
    assert len(caught) == 1
    assert str(kept.folder) in str(caught[0].message)
    return result


@pytest.mark.parametrize("garbage", [b"not a database " * 400, b"SQLite format 3\0" + b"\xff" * 5000])
def test_garbage_in_place_of_the_database_is_set_aside_and_said_once(tmp_path, garbage):
    (tmp_path / f"index-{_index.SCHEMA}.sqlite").write_bytes(garbage)
    kept = ContentStore(tmp_path)
    assert warned(kept, lambda: kept.get("key")) is None
    assert kept.put("key", b"v") and kept.get("key") == Entry(b"v", ())
    kept.close()


def test_a_database_damaged_in_use_is_set_aside_once(tmp_path):
    with contextlib.closing(ContentStore(tmp_path)) as first:
        for number in range(100):
            first.put(str(number), b"v", [os.urandom(3000)])
    index = tmp_path / f"index-{_index.SCHEMA}.sqlite"
    index.write_bytes(index.read_bytes()[:4096] + os.urandom(index.stat().st_size - 4096))
    kept, beside = ContentStore(tmp_path), ContentStore(tmp_path)
    warned(kept, lambda: kept.get("5"))
    assert kept.put("key", b"v") and kept.get("key")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert beside.get("key") == Entry(b"v", ())
    kept.close()
    beside.close()


def test_a_folder_that_is_a_file_or_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    kept = ContentStore(tmp_path / "file")
    assert warned(kept, lambda: kept.put("key", b"v")) is False
    assert kept.info().entries == 0
    assert (tmp_path / "file").read_text() == "mine"


UNPRIVILEGED = """
    import os, sys, warnings
    from derender.core.store import ContentStore
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kept = ContentStore(sys.argv[1])
        results = [kept.put("key", b"v"), kept.get("key"), kept.put("key", b"v"), kept.info().entries]
    print(results, len(caught))
"""


def test_a_folder_without_permission_is_a_miss_said_once():
    # Outside the test's own folder, which other users may not enter.
    writer = run_python(UNPRIVILEGED, "/proc/self/nowhere", stdout=subprocess.PIPE, text=True)
    assert writer.communicate()[0] == "[False, None, False, 0] 1\n"


LIMITED = """
    import resource, sys, warnings
    from derender.core.store import ContentStore
    kept = ContentStore(sys.argv[1])
    kept.put("before", b"v", [b"b" * 1000])
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        put = [kept.put(str(n), b"v", [bytes([n]) * size]) for n in range(20) for size in (100_000, 1_000_000)]
        print(all(put), any(put), len(caught), kept.get("before") is not None)
"""


def test_a_disk_that_grows_full_keeps_what_there_is(tmp_path):
    writer = run_python(LIMITED, tmp_path, stdout=subprocess.PIPE, text=True)
    assert writer.communicate()[0] == "False True 1 True\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = ContentStore(tmp_path)
        assert kept.get("before") == Entry(b"v", (b"b" * 1000,))
        assert kept.put("after", b"v", [LARGE]) and kept.get("after") == Entry(b"v", (LARGE,))
        kept.close()
    assert not [path for path in blob_files(tmp_path) if path.name.startswith(".")]


def test_a_small_disk_that_is_full(tmp_path):
    if (
        os.getuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "t", tmp_path], check=False).returncode
    ):
        pytest.skip("needs the right to mount")
    try:
        kept = ContentStore(tmp_path / "store")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            put = [kept.put(str(number), b"v", [os.urandom(60_000), os.urandom(140_000)]) for number in range(12)]
            assert put[0] and not put[-1] and len(caught) == 1
            assert [number for number in range(12) if kept.get(str(number))] == [
                n for n, done in enumerate(put) if done
            ]
            while kept.put(str(len(put)), b"v" * 500):
                put.append(True)
            assert kept.clear() > 0
            assert kept.put("key", b"v", [LARGE]) and kept.get("key") == Entry(b"v", (LARGE,))
        kept.close()
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_the_folder_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("DERENDER_CACHE", "/a/b")
    assert default_folder() == Path("/a/b")
    monkeypatch.delenv("DERENDER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_folder() == Path("/x/derender")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert default_folder() == Path("/home/me/.cache/derender")
