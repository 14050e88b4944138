"""`generate` and `edit` against a model at a real endpoint, and by recorded answers."""

import json
import signal
from pathlib import Path

import pytest
from models.endpoint import KEY, answer, answers, refusal, running
from PIL import Image

CHART = """import matplotlib.pyplot as plt
figure = plt.figure(figsize=(2, 1.2), dpi=100)
plt.bar([1, 2], [3, 4], color="{}")
plt.savefig("picture.png")"""
BLUE, GREEN = CHART.format("blue"), CHART.format("green")
DRAWING = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='80' height='60'><rect width='80' height='60' fill='{}'/></svg>"
)
TEAL, NAVY = DRAWING.format("teal"), DRAWING.format("navy")
USAGE = {"prompt_tokens": 1000, "completion_tokens": 500}
MODEL = ["--model", "openai/m"]
TO_SVG = ["--to", "svg", *MODEL]


def fenced(program, tag="svg"):
    return f"Here it is:\n```{tag}\n{program}\n```\nDone."


@pytest.fixture
def endpoint():
    with running() as server:
        yield server


@pytest.fixture
def asked(derender, endpoint):
    """Runs the command against the endpoint."""
    derender.environment |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": endpoint.url}

    def run(command, *arguments, script=()):
        endpoint.script = list(script)
        done = derender(command, *arguments)
        assert KEY not in done.out + done.err
        return done

    return run


def rows(folder):
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def test_a_program_is_generated_rendered_and_kept_with_the_reply(asked, derender, endpoint):
    prices = derender.folder / "prices.toml"
    prices.write_text("[m]\ninput = 1\noutput = 2\n")
    options = [*TO_SVG, "--prices", prices, "--seed", 3]
    script = [answer(fenced(TEAL), USAGE)]
    done = asked("generate", "A field of teal", *options, script=script)
    assert done.code == 0
    assert done.out.startswith("✓ A field of teal → derender-out/a-field-of-teal.svg")
    assert "1000 tokens in, 500 out, cost 0.0020" in done.err
    folder = done.folder / "derender-out"
    (row,) = rows(folder)
    assert (folder / row["program"]).read_text().strip() == TEAL
    assert (folder / "reply" / f"{row['id']}.txt").read_text() == fenced(TEAL)
    with Image.open(folder / row["rendering"]["pictures"][0]) as picture:
        assert picture.size == (80, 60)
    assert row["request"] == "A field of teal" and len(row["prompt"]) == 64
    assert row["model"] == "openai/m" and row["reference"] is None and row["scores"] == {}
    assert json.loads((folder / "ledger.json").read_text())["m"]["cost"] == pytest.approx(0.002)
    body = endpoint.requests[0][2]
    assert "A field of teal" in body["messages"][0]["content"] and body["seed"] == 3


def test_the_same_question_is_not_asked_twice_unless_it_is_wished(asked, endpoint):
    options = ["generate", "Teal", *TO_SVG, "--json"]
    asked(*options, script=[answer(fenced(TEAL))])
    again = asked(*options, script=[refusal(500, "down")])
    assert again.rows[0]["rendering"]["ok"] and len(endpoint.requests) == 1
    anew = asked(*options, "--no-cache", script=[answer(fenced(NAVY))])
    assert Path(anew.rows[0]["program"]).read_text().strip() == NAVY


def test_several_languages_and_samples_each_fail_alone(asked):
    script = [answers([fenced(TEAL), "I can't.", fenced("<svg><rect")])]
    done = asked("generate", "Teal", "-n", 3, *TO_SVG, "--json", script=script)
    assert done.code == 1
    assert [list(row) for row in done.rows] == [["request", "program", "rendering", "scores"]] * 3
    assert [row["rendering"]["failure"] for row in done.rows] == [None, "no_code", "syntax"]
    folder = done.folder / "derender-out"
    assert [row["id"] for row in rows(folder)] == ["teal", "teal-2", "teal-3"]
    assert (folder / "reply" / "teal-2.txt").read_text() == "I can't."


def test_a_rendering_is_scored_where_there_is_a_picture_of_what_is_wanted(derender):
    reference = derender.folder / "wanted.png"
    Image.new("RGB", (80, 60), "teal").save(reference)
    answers = derender.folder / "answers.jsonl"
    svg, page = fenced(TEAL), fenced("<!doctype html><body style='background:teal'>", "html")
    answers.write_text("\n".join(json.dumps({"id": f"teal-{to}", "text": text}) for to, text in [("svg", svg)]))
    options = ["--to", "svg,html", "--model", f"replay/{answers}", "--reference", reference, "--metric", "ssim"]
    done = derender("generate", "Teal", *options, "--json")
    assert done.code == 1
    scored, missing = sorted(done.rows, key=lambda row: row["rendering"]["failure"] or "")
    assert scored["scores"]["ssim"]["ssim"] == pytest.approx(1)
    assert missing["rendering"]["failure"] == "model_failed"
    assert "no answer about 'teal-html' is recorded" in missing["rendering"]["message"]
    failed = [row for row in rows(done.folder / "derender-out") if not row["rendering"]["ok"]]
    assert failed[0]["rendering"]["failure"]["ours"] is True
    # What is missing is added, and a page is drawn as large as the reference.
    with answers.open("a") as file:
        file.write("\n" + json.dumps({"id": "teal-html", "text": page}))
    done = derender("generate", "Teal", *options, "--json")
    assert done.code == 0
    assert [row["scores"]["ssim"]["ssim"] for row in done.rows] == pytest.approx([1, 1])


def test_a_program_is_edited_and_its_file_stays(asked, derender, endpoint):
    file = derender.folder / "chart.py"
    file.write_text(BLUE)
    script = [answer(fenced(GREEN, "python"))]
    done = asked("edit", "chart.py", "make the bars green", *MODEL, "-o", ".", "--json", script=script)
    assert done.code == 0
    (row,) = done.rows
    assert list(row) == ["request", "file", "program", "rendering", "scores"]
    assert row["file"] == str(file) and file.read_text() == BLUE
    assert Path(row["program"]) == derender.folder / "chart-2.py"
    assert Path(row["program"]).read_text() == GREEN
    with Image.open(row["rendering"]["picture"]) as picture:
        assert (0, 128, 0) in {color for _, color in picture.convert("RGB").getcolors(1 << 16)}
    asked_for = endpoint.requests[0][2]["messages"][0]["content"]
    assert BLUE in asked_for and "make the bars green" in asked_for


def test_recorded_replies_of_a_run_are_replayed(asked, derender):
    asked("generate", "Bars", *TO_SVG, script=[answer(fenced(TEAL))])
    done = derender("generate", "Bars", "--to", "svg", "--model", "replay/derender-out", "-o", "again", "--json")
    assert done.code == 0
    assert Path(done.rows[0]["program"]).read_text().strip() == TEAL


def test_ctrl_c_does_not_wait_for_the_model(derender, endpoint):
    derender.environment |= {"OPENAI_BASE_URL": endpoint.url}
    endpoint.script = ["silent"]
    running = derender.start("generate", "Bars", *MODEL)
    assert endpoint.asked.wait(30)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=10)
    assert running.returncode == 130
    assert err.decode() == "derender: stopped; 0 of 1 done\n"


def test_what_was_spent_before_ctrl_c_is_written(derender, endpoint):
    derender.environment |= {"OPENAI_BASE_URL": endpoint.url}
    endpoint.script = [answer(fenced(TEAL), USAGE), "silent"]
    running = derender.start("generate", "Bars", "--to", "svg,mermaid", *MODEL, "-o", "stopped")
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)
    assert running.returncode == 130
    assert json.loads((derender.folder / "stopped/ledger.json").read_text())["m"]["usage"]["input_tokens"] == 1000


def test_an_endpoint_that_fails_is_a_sentence_and_no_zero(asked):
    done = asked("generate", "Bars", *TO_SVG, script=[refusal(400, f"bad {KEY}")])
    assert done.code == 1
    assert "model failed: " in done.out and "answered 400: bad ***" in done.out
    (row,) = rows(done.folder / "derender-out")
    assert row["rendering"]["failure"]["ours"] is True and row["scores"] == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generate", "x"], "Missing option '--model'"),
        (["generate", " ", *MODEL], "say in words"),
        (["generate", "x", "--model", "oracle"], "unknown model 'oracle'"),
        (["generate", "x", "--temperature", "nan", *MODEL], "a temperature is 0 or more"),
        (["generate", "x", "--reference", "no.png", *MODEL], "no such file"),
        (["generate", "x", "--prices", "no.toml", *MODEL], "no such file"),
        (["edit", "no.py", "x", *MODEL], "no such file"),
        (["edit", "empty.py", "x", *MODEL], "nothing to edit"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(derender, arguments, words):
    (derender.folder / "empty.py").touch()
    done = derender(*arguments)
    assert done.code == 2
    assert words in done.err
    assert not (derender.folder / "derender-out").exists()
