import json


def test_a_run_folder_becomes_one_page(derender):
    (derender.folder / "page.html").write_text("<h1>Hello</h1>")
    assert derender("render", "page.html", "-o", "run").code == 0
    done = derender("report", "run", "--json")
    assert done.code == 0
    (row,) = done.rows
    assert row["gallery"] == str(derender.folder / "run" / "index.html")
    assert "<html" in (derender.folder / "run" / "index.html").read_text()
    plain = derender("report", "run", "-o", "shown.html", "--title", "A title of its own")
    assert plain.out == "shown.html\n"
    assert "A title of its own" in (derender.folder / "shown.html").read_text()


def test_a_folder_without_results_is_wrong_use(derender):
    done = derender("report", ".")
    assert done.code == 2
    assert "no run folder" in done.err


def test_what_is_no_line_of_results_does_not_stop_the_page(derender):
    (derender.folder / "results.jsonl").write_text(json.dumps({"id": "one"}) + "\n{broken")
    assert derender("report", ".").code == 0
