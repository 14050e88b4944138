ICON = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='4' height='4'/></svg>"


def test_what_is_kept_is_told_and_cleared(derender):
    (derender.folder / "icon.svg").write_text(ICON)
    assert derender("render", "icon.svg").code == 0
    (kept,) = derender("cache", "info", "--json").rows
    assert kept["folder"] == str(derender.folder / "cache")
    assert kept["entries"] == 1
    assert 0 < kept["bytes"] <= kept["max_bytes"]
    assert derender("cache", "clear", "--json").rows == [{"freed_bytes": kept["bytes"]}]
    assert derender("cache", "info").out.split(": ")[1].startswith("0 renderings")


def test_pruning_takes_a_bound(derender):
    assert derender("cache", "prune", "--max-mb", "1", "--json").rows == [{"freed_bytes": 0}]
    done = derender("cache", "prune", "--max-mb", "-1")
    assert done.code == 2
    assert "negative" in done.err
