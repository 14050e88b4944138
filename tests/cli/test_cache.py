from derender.core.store import ContentStore

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
    assert derender("cache", "prune", "--max-mb", "nan").code == 2


def test_answers_are_told_pruned_after_renderings_and_cleared(derender):
    (derender.folder / "icon.svg").write_text(ICON)
    assert derender("render", "icon.svg").code == 0
    answers = ContentStore(derender.folder / "cache" / "answers")
    answers.put("0" * 64, b"said" * 100)
    answers.close()

    def left():
        (row,) = derender("cache", "info", "--json").rows
        return row["entries"], row["answers"]["entries"]

    assert left() == (1, 1)
    assert "answers: 1 answer, 400 bytes" in derender("cache", "info").out
    assert derender("cache", "prune", "--max-mb", "0.0005").code == 0
    assert left() == (0, 1)
    assert derender("cache", "clear", "--keep-answers", "--json").rows == [{"freed_bytes": 0}]
    assert left() == (0, 1)
    assert derender("cache", "clear", "--json").rows == [{"freed_bytes": 400}]
    assert left() == (0, 0)
