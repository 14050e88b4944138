import contextlib
import json
import os
import signal
from pathlib import Path

import pytest
from PIL import Image

CHART = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()\n"
TWO = "import matplotlib.pyplot as plt\nfor name in 'ab':\n    plt.plot([1, 2])\n    plt.savefig(name + '.png')\n"
WRONG = "import matplotlib.pyplot as plt\n\nplt.plot(nowhere)\n"
ICON = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'><rect width='30' height='40' fill='red'/></svg>"
PAGE = "<!doctype html><h1>Hello</h1><script>console.error('a note')</script>"


@pytest.fixture(scope="module")
def files(shell):
    programs = {
        "plot.py": CHART,
        "two.py": TWO,
        "wrong.py": WRONG,
        "empty.py": "",
        "folder/plot.svg": ICON,
        "folder/page.html": PAGE,
        "notes.txt": "no program",
        "figure.tex": "sample",
    }
    for name, text in programs.items():
        path = shell.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (shell.folder / "latin.py").write_bytes("# caf\xe9".encode("latin-1"))
    return shell.folder


@pytest.fixture(scope="module")
def run(shell, files):
    names = ["plot.py", "two.py", "wrong.py", "empty.py", "figure.tex", "missing.py", "latin.py", "notes.txt", "folder"]
    return shell("render", *names, "-o", "out", "--json")


@pytest.fixture(scope="module")
def rows(run):
    return {str(Path(row["file"]).relative_to(run.folder)): row for row in run.rows}


def test_every_item_is_reported_with_the_agreed_fields_and_the_others_are_done(run, rows):
    assert run.code == 1
    assert len(run.rows) == 10
    fields = ["file", "ok", "failure", "message", "line", "pictures", "elapsed_s", "isolation", "cached"]
    assert all(list(row) == fields for row in run.rows)
    assert {name for name, row in rows.items() if row["ok"]} == {
        "plot.py",
        "two.py",
        "folder/plot.svg",
        "folder/page.html",
    }


def test_pictures_are_written_once_each_even_where_stems_are_equal(rows):
    pictures = [Path(picture) for row in rows.values() for picture in row["pictures"]]
    assert len(pictures) == len(set(pictures)) == 5
    assert all(picture.is_absolute() for picture in pictures)
    assert [Path(each).name for each in rows["two.py"]["pictures"]] == ["two-a.png", "two-b.png"]
    with Image.open(rows["folder/plot.svg"]["pictures"][0]) as image:
        assert image.size == (60, 40)


@pytest.mark.parametrize(
    ("name", "failure", "words"),
    [
        ("wrong.py", "runtime", "nowhere"),
        ("empty.py", "no_code", "empty"),
        ("figure.tex", "renderer_absent", "latex"),
        ("missing.py", "bad_input", "no such file"),
        ("latin.py", "bad_input", "UTF-8"),
        ("notes.txt", "bad_input", "--language"),
    ],
)
def test_a_failure_is_named_and_explained(rows, name, failure, words):
    assert rows[name]["failure"] == failure
    assert words in rows[name]["message"]


def test_the_line_of_the_program_is_told(rows):
    assert rows["wrong.py"]["line"] == 3


def test_contained_programs_say_by_what(rows):
    assert rows["plot.py"]["isolation"]


def test_files_that_cannot_be_read_are_told_in_a_sentence_each(run):
    complaints = [line for line in run.err.splitlines() if line.startswith("derender: ")]
    assert len(complaints) == 3


def test_the_run_folder_has_a_whole_line_for_every_program_that_was_tried(run):
    lines = [json.loads(line) for line in (run.folder / "out" / "results.jsonl").read_text().splitlines()]
    assert len(lines) == len({line["id"] for line in lines}) == 7
    assert {line["id"]: line["rendering"]["warnings"] for line in lines}["page"]
    for line in lines:
        assert all((run.folder / "out" / picture).is_file() for picture in line["rendering"]["pictures"])
    assert not list((run.folder / "out").glob(".*"))


def test_a_second_run_into_the_same_folder_is_remembered_and_reads_well(shell, run):
    again = shell("render", "plot.py", "folder", "-o", "out")
    assert again.code == 0
    assert "✓ plot.py → out/plot.png  640×480, cached" in again.out
    assert "a note" in again.out
    assert "3 of 3 drawn" in again.err


def test_standard_input(shell, files):
    done = shell(
        "render", "-", "--language", "image/svg+xml", "--size", "120x", "-o", "piped", "--json", stdin=ICON.encode()
    )
    (row,) = done.rows
    assert done.code == 0
    assert row["file"] == "-"
    with Image.open(row["pictures"][0]) as image:
        assert image.width == 120
    assert (shell.folder / "piped" / "stdin.svg").read_text() == ICON


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.py"], "no such file"),
        (["plot.py", "--language", "cobol"], "unknown language 'cobol'"),
        (["plot.py", "--size", "big"], "800x600"),
        (["plot.py", "--size", "99999x1"], "32768"),
        (["plot.py", "--timeout", "0"], "timeout"),
        (["plot.py", "--isolation", "none"], "strict, weak"),
        (["plot.py", "-j", "0"], "--jobs"),
        (["plot.py", "-o", "notes.txt"], "is a file"),
        (["-"], "--language"),
        (["cache-of-nothing/"], "no such file"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(shell, files, arguments, words):
    done = shell("render", *arguments)
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert done.out == ""


def test_an_unknown_option_is_wrong_use(shell):
    done = shell("render", "--nonsense", "x.py")
    assert done.code == 2
    assert "--nonsense" in done.err


def test_a_full_disk_is_a_sentence_per_item(shell, files):
    (shell.folder / "full").mkdir()
    (shell.folder / "full" / "results.jsonl").symlink_to("/dev/full")
    done = shell("render", "folder/plot.svg", "plot.py", "-o", "full", "--json")
    assert done.code == 1
    assert [row["failure"] for row in done.rows] == ["not_written", "not_written"]
    assert all("disk is full" in row["message"] for row in done.rows)


def test_a_full_standard_output_is_a_sentence(shell, files):
    with open("/dev/full", "wb") as full:
        done = shell("render", "folder/plot.svg", "-o", "out2", "--json", stdout=full)
    assert done.code == 1
    assert done.err == "derender: standard output can't be written (the disk is full)\n"


def test_a_bar_for_people_leaves_standard_output_to_programs(shell, run):
    ours, theirs = os.openpty()
    with open(ours, "rb", buffering=0) as terminal:
        command = shell.start("render", "plot.py", "folder", "-o", "out", "--json", stderr=theirs)
        os.close(theirs)
        out, _ = command.communicate(timeout=60)
        assert "3/3" in read_terminal(terminal)
    assert len([json.loads(line) for line in out.splitlines()]) == 3


def test_a_reader_that_leaves_is_no_reason_for_a_word(shell, run):
    command = shell.start("render", "plot.py", "folder", "two.py", "-o", "out", "--json")
    command.stdout.close()
    assert command.stderr.read() == b""
    command.stderr.close()
    assert command.wait(timeout=60) == 1


def read_terminal(terminal) -> str:
    """All that was written to a terminal whose other end is closed."""
    chunks = []
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while chunk := terminal.read(4096):
            chunks.append(chunk)
    return b"".join(chunks).decode()


def test_ctrl_c_keeps_what_is_finished_and_leaves_no_child(derender):
    endless = "import time\ntime.sleep(600)\n"
    (derender.folder / "fast.svg").write_text(ICON)
    for number in range(3):
        (derender.folder / f"slow{number}.py").write_text(f"# {number}\n{endless}")
    command = derender.start("render", ".", "-o", "out", "--timeout", "300", "-j", "4", "--json")
    try:
        first = json.loads(command.stdout.readline())
        children = running(descendants(command.pid))
        assert children
        command.send_signal(signal.SIGINT)
        rest, err = command.communicate(timeout=20)
    finally:
        command.kill()
    assert first["ok"]
    assert rest == b""
    assert command.returncode == 130
    assert err.decode().splitlines() == ["derender: stopped; 1 of 4 done"]
    assert len((derender.folder / "out" / "results.jsonl").read_text().splitlines()) == 1
    assert Path(first["pictures"][0]).is_file()
    for child in children:
        # Readable as soon as the process has ended.
        assert ended_within(child, seconds=5)


def descendants(pid: int) -> list[int]:
    """Process ids below a process; those that end meanwhile may be left out."""
    children = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(each) for task in tasks for each in (task / "children").read_text().split()]
    return children + [each for child in children for each in descendants(child)]


def running(pids: list[int]) -> list[int]:
    """Descriptors of those processes that are still there."""
    found = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            found.append(os.pidfd_open(pid))
    return found


def ended_within(pidfd: int, seconds: float) -> bool:
    import select

    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    ended = bool(poll.poll(1000 * seconds))
    os.close(pidfd)
    return ended
