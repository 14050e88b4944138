"""Environments from the command line: listed, built, chosen, and one sentence where that can't be."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from wheels import write_environment

ABOUT = 'about = "my own"\npromises = ["tiny"]\n'


@pytest.fixture
def alone(derender):
    """The command with a data folder that holds nothing."""
    derender.environment["DERENDER_HOME"] = str(derender.folder / "home")
    return derender


def rows(done) -> dict[str, dict]:
    return {row["name"]: row for row in done.rows}


def test_setup_lists_environments_without_calling_for_them(alone):
    done = alone("setup", "--dry-run", "--json")
    assert done.code == 0
    found = rows(done)["env:py2024"]
    assert found == {"name": "env:py2024", "present": False, "installed": False, "install": "derender setup env:py2024"}
    assert "env:vision2code" in rows(done)
    assert not (alone.folder / "home").exists()
    assert not any(name.startswith("env:") for name in rows(alone("setup", "fonts", "--dry-run", "--json")))


def test_a_dry_run_prints_the_line_that_would_build(alone):
    done = alone("setup", "env:py2024", "--dry-run")
    assert (done.code, done.out) == (0, "derender setup env:py2024\n")


def test_a_folder_is_built_once_listed_by_name_and_rendered_in(alone):
    folder = write_environment(alone.folder / "mine", about=ABOUT)
    done = alone("setup", "env:./mine", "--json")
    assert done.code == 0, done.err
    assert "compiling" in done.err
    assert rows(done)["env:mine"]["installed"]
    again = alone("setup", "env:mine")
    assert again.code == 0
    assert "compiling" not in again.err
    assert "there" in again.err
    listed = rows(alone("setup", "--dry-run", "--json"))["env:mine"]
    assert listed["present"]
    assert listed["install"] == f"derender setup env:{folder}"
    (alone.folder / "plot.py").write_text("import tiny\nraise ValueError(tiny.WORD)\n")
    drawn = alone("render", "plot.py", "--environment", "mine", "--json")
    assert (drawn.code, drawn.rows[0]["message"]) == (1, "ValueError: first")
    assert alone("render", "plot.py", "--json").rows[0]["failure"] == "missing_dependency"


@pytest.mark.parametrize("command", [("render", "x.py", "-e"), ("convert", "x.png", "--environment"), ("setup",)])
def test_an_unknown_name_is_wrong_use_before_anything_is_written(alone, command):
    done = alone(*command, "env:py1987" if command == ("setup",) else "py1987")
    assert done.code == 2
    assert done.err.strip().splitlines() == [
        "derender: unknown environment 'py1987': use one of default, py2024, vision2code"
    ]
    assert not (alone.folder / "derender-out").exists()


def test_one_that_is_not_built_says_what_builds_it(alone):
    (alone.folder / "plot.py").write_text("x = 1\n")
    done = alone("render", "plot.py", "-e", "py2024", "--json")
    assert done.code == 1
    assert done.rows[0]["failure"] == "renderer_absent"
    assert "derender setup env:py2024" in done.rows[0]["message"]


def test_without_a_network_setup_fails_in_one_sentence(alone):
    write_environment(alone.folder / "mine")
    (alone.folder / "mine" / "requirements.txt").write_text("tiny-that-nobody-has==1.0\n")
    # Nobody listens on the discard port of this machine, so that every index is out of reach.
    alone.environment |= dict.fromkeys(("UV_DEFAULT_INDEX", "PIP_INDEX_URL"), "http://127.0.0.1:9/simple")
    alone.environment |= {"UV_HTTP_RETRIES": "0", "PIP_RETRIES": "0"}
    done = alone("setup", "env:./mine")
    assert done.code == 1
    (sentence,) = (line for line in done.err.splitlines() if line.startswith("derender:"))
    assert "can't be fetched: no network" in sentence
    assert "missing" in done.err


def test_doctor_tries_what_is_built_and_passes_over_what_is_not(alone):
    write_environment(alone.folder / "mine", about=ABOUT)
    assert alone("setup", "env:./mine").code == 0
    done = alone("doctor", "--json")
    found = {row["language"]: row for row in done.rows}
    assert found["env:mine"]["works"]
    assert not found["env:py2024"]["works"]
    assert found["env:py2024"]["missing"] == ["env:py2024"]
    assert found["env:py2024"]["install"] == "derender setup env:py2024"
    assert done.code == 0
