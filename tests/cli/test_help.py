"""Help is where people start: it must be whole, teach by example, and fit a terminal."""

import re

import pytest

COMMANDS = [
    "convert",
    "generate",
    "edit",
    "render",
    "score",
    "metrics",
    "judge",
    "bench",
    "models",
    "report",
    "setup",
    "cache",
    "doctor",
]


def test_the_first_page_names_every_command_and_the_exit_codes(derender):
    done = derender("--help")
    assert done.code == 0
    assert all(re.search(rf"^  {name} ", done.out, re.MULTILINE) for name in COMMANDS)
    assert "Exit codes" in done.out


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["cache", "prune"]])
def test_every_page_fits_eighty_columns_and_shows_no_python(derender, command):
    derender.environment["COLUMNS"] = "80"
    done = derender(*command, "--help")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "list[" not in done.out
    assert "{" not in done.out
    assert "Examples" in done.out or command == ["cache", "prune"]


def test_a_misspelt_command_is_wrong_use_and_gets_a_hint(derender):
    done = derender("rendr")
    assert done.code == 2
    assert "Did you mean 'render'?" in done.err


def test_no_command_at_all_shows_the_help(derender):
    assert "Usage: derender" in derender().out + derender().err
