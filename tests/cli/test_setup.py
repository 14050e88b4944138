import os

import pytest


def test_every_part_is_told(derender):
    rows = derender("setup", "--dry-run", "--json").rows
    assert {row["name"] for row in rows} >= {"chromium", "bubblewrap", "fonts", "resvg", "ocr"}
    assert all(list(row) == ["name", "present", "installed", "install"] for row in rows)


def test_a_language_stands_for_what_it_needs(derender):
    names = [row["name"] for row in derender("setup", "html", "--dry-run", "--json").rows]
    assert names == ["bubblewrap", "chromium", "fonts"]


def test_an_unknown_part_is_wrong_use(derender):
    done = derender("setup", "cobol")
    assert done.code == 2
    assert "unknown part 'cobol'" in done.err


def test_what_is_missing_is_printed_as_one_line(derender):
    # No program is on this PATH, so those that are looked for there are missing.
    derender.environment["PATH"] = str(derender.folder)
    done = derender("setup", "html", "--dry-run")
    assert done.code == 0
    (line,) = done.out.splitlines()
    assert line.startswith("apt-get update && apt-get install -y")
    assert "chromium" in line
    assert "bubblewrap" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs with apt-get")
def test_root_installs_with_apt_get_and_goes_on_where_that_fails(derender):
    fake = derender.folder / "apt-get"
    fake.write_text('#!/bin/sh\necho "$DEBIAN_FRONTEND: $@" >> "$0.log"\n[ "$1" = update ]\n')
    fake.chmod(0o755)
    derender.environment["PATH"] = str(derender.folder)
    done = derender("setup", "chromium")
    calls = (derender.folder / "apt-get.log").read_text().splitlines()
    assert calls[0] == "noninteractive: update -q"
    assert len(calls) == 3
    assert done.code == 1
    assert done.out.startswith("apt-get update && apt-get install")
    assert "must still be installed" in done.err
