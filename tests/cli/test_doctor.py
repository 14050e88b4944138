import pytest


@pytest.fixture(scope="module")
def run(shell):
    return shell("doctor", "--json")


def test_every_language_is_told_with_the_agreed_fields(run):
    fields = ["language", "works", "version", "missing", "install", "sample_ms"]
    assert all(list(row) == fields for row in run.rows)
    rows = {row["language"]: row for row in run.rows}
    languages = {name for name in rows if not name.startswith("env:")}
    tools = {"latex", "mermaid", "smiles", "molfile", "excalidraw"}
    assert languages == {"python", "svg", "html", "trace", "isolation"} | tools
    for name in ("python", "svg", "html", "trace"):
        assert rows[name]["works"], run.err
        assert rows[name]["version"]
        assert rows[name]["missing"] == []
        assert rows[name]["sample_ms"] > 0
    assert run.code == 0


def test_a_language_that_nothing_draws_says_so(run):
    (latex,) = (row for row in run.rows if row["language"] == "latex")
    assert not latex["works"]
    assert latex["missing"] == ["renderer"]
    assert latex["sample_ms"] is None


def test_what_is_missing_is_named_with_the_line_that_installs_it(derender):
    # No program is on this PATH, so neither Chromium nor bubblewrap is found.
    derender.environment["PATH"] = str(derender.folder)
    done = derender("doctor")
    assert done.code == 1
    (html,) = (line for line in done.out.splitlines() if " html " in line)
    assert html.strip().startswith("✗")
    assert "chromium" in html
    assert "apt-get install" in done.out
