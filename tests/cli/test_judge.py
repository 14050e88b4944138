"""``derender judge``: from what a person types to what a person reads."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

VECTORS = (Path(__file__).parent.parent / "judges/vectors/rating_vectors.jsonl").read_bytes()
IDS = (
    "numeric_information_fidelity",
    "structure_layout_fidelity",
    "text_label_legibility_accuracy",
    "cleanliness_completeness",
)
KEY = "sk-not-to-be-seen"
ASKED = []


def _marks(*scores):
    said = {"category_scores": dict(zip(IDS, scores, strict=True)), "rationales": {}, "issues": ["bars too wide"]}
    return json.dumps(said)


def _bars(path, *, blank=False):
    path.parent.mkdir(exist_ok=True)
    image = Image.new("RGB", (120, 80), "white")
    if not blank:
        ImageDraw.Draw(image).rectangle([10, 10, 80, 70], fill="teal")
    image.save(path)
    return path


def _recording(path, **said):
    usage = {"input_tokens": 1000, "output_tokens": 200}
    rows = [{"id": name.replace("__", "/"), "text": text, "usage": usage} for name, text in said.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return f"replay/{path.name}"


@pytest.fixture
def pair(derender):
    return _bars(derender.folder / "ref/a.png"), _bars(derender.folder / "out/a.png")


def test_apply_gives_the_published_ratings(derender):
    done = derender("judge", "apply", "vision2code", stdin=VECTORS)
    assert (done.code, done.err) == (0, "")
    assert done.rows == [json.loads(line) for line in VECTORS.splitlines()]


def test_apply_loses_nothing_to_a_bad_line(derender):
    first, second = VECTORS.splitlines(keepends=True)[:2]
    endless = first.replace(b"{", b'{"note": 1e999, ', 1)
    bad = b'{"dataset": "ChartQA", "scores": {}}\n\xff\xfe\nnothing\n\n' + endless
    done = derender("judge", "apply", "vision2code", stdin=first + bad + second)
    assert done.code == 1
    assert done.rows == [json.loads(first), json.loads(second)]
    said = done.err.splitlines()
    assert [line.split(":")[1].strip() for line in said[:-1]] == ["line 2", "line 3", "line 4", "line 6"]
    assert said[-1] == "derender: 2 rated, 4 could not be used"


def test_apply_says_in_a_sentence_what_it_cannot_use(derender):
    assert derender("judge", "apply", "vision2code").err == "derender: standard input: holds no ratings\n"
    done = derender("judge", "apply", "vision3code", stdin=VECTORS)
    assert (done.code, done.out) == (2, "")
    assert "januscoder, vision2code" in done.err
    assert derender("judge", "apply", "vision2code", stdin=b"no\n").code == 2
    assert "no such file" in derender("judge", "apply", "vision2code", "absent.jsonl").err.lower()
    assert "official" in derender("judge", "apply", "vision2code", "--mode", "better", stdin=VECTORS).err


def test_a_pair_is_judged_by_a_recorded_judge(derender, pair):
    model = _recording(derender.folder / "said.jsonl", a=_marks(4.7, 3.6, 2.9, 3.2))
    done = derender("judge", *pair, "--rubric", "ChartQA", "--model", model)
    assert done.code == 0
    assert "raw 3.695, final 3.7" in done.out
    assert "bars too wide" in done.out
    (row,) = derender("judge", *pair, "--rubric", "ChartQA", "--model", model, "--json").rows
    assert (row["rating"], row["unscored"], row["candidate"]) == (3.7, None, str(pair[1]))
    assert row["verdicts"][0]["raw_score_0_to_5"] == 3.695


def test_folders_are_judged_pair_by_pair_and_agreement_is_said(derender, pair):
    for name in "bcd":
        _bars(derender.folder / f"ref/{name}.png")
    _bars(derender.folder / "out/b.png")
    _bars(derender.folder / "out/c.png", blank=True)
    five = _marks(5, 5, 5, 5)
    one = _recording(derender.folder / "one.jsonl", a=_marks(4, 4, 4, 4), b="hm", b__again=five, c=five)
    two = _recording(derender.folder / "two.jsonl", a=_marks(3, 3, 3, 3), b="hm", b__again="hm", c=five)
    done = derender("judge", "ref", "out", "-r", "ChartQA", "-m", f"{one},{two}", "--json")
    assert done.code == 1
    ratings = {Path(row["reference"]).stem: row["rating"] for row in done.rows}
    assert ratings == {"d": None, "a": 3.5, "b": 5.0, "c": 0.5}
    said = derender("judge", "ref", "out", "-r", "ChartQA", "-m", f"{one},{two}").err
    assert "no picture named d" in said
    assert "mean 3.000 of 3" in said
    assert "Krippendorff's alpha" in said
    assert "replay/two.jsonl: " in said


def test_both_orders_and_prices_say_flips_and_cost(derender, pair):
    model = _recording(derender.folder / "said.jsonl", a=_marks(4, 4, 4, 4), a__swapped=_marks(5, 5, 5, 5))
    (derender.folder / "prices.toml").write_text('["replay/said.jsonl"]\ninput = 1.0\noutput = 5.0\n')
    done = derender("judge", *pair, "-r", "ChartQA", "-m", model, "--both-orders", "--prices", "prices.toml")
    assert "4.50" in done.out
    assert "the order changed 1 of 1 verdicts" in done.err
    assert "2.00 a thousand verdicts" in done.err


def test_a_price_of_another_name_is_said(derender, pair):
    (derender.folder / "prices.toml").write_text('["said.jsonl"]\ninput = 1.0\noutput = 5.0\n')
    model = _recording(derender.folder / "said.jsonl", a=_marks(4, 4, 4, 4))
    done = derender("judge", *pair, "-r", "ChartQA", "-m", model, "--prices", "prices.toml")
    assert done.code == 0
    assert "no price of 'replay/said.jsonl' is among the prices, which are of said.jsonl" in done.err


def test_an_endpoint_is_not_asked_where_prices_can_not_be_read(derender, pair):
    done = derender("judge", *pair, "-r", "ChartQA", "-m", _recording(derender.folder / "said.jsonl"), "--prices", "no")
    assert (done.code, done.out, done.err) == (2, "", "derender: no: no such file\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ref/a.png", "out/a.png", "-r", "ChartZ"], "unknown rubric 'ChartZ'"),
        (["ref/a.png", "-r", "ChartQA"], "vision2code/ChartQA looks at REFERENCE and CANDIDATE, and 1 file came"),
        (["ref/a.png", "out/z.png", "-r", "ChartQA"], "out/z.png: no such file"),
        (["out/a.png", "-r", "chart_generation"], "needs --instruction"),
        (["ref/a.png", "out/a.png", "-r", "ChartQA", "--instruction", "x"], "leave it out"),
        (["ref/a.png", "plot.py", "-r", "ChartQA"], "plot.py: is a program"),
        (["out/a.png", "-r", "chart_generation", "--both-orders", "--instruction", "x", "--code", "plot.py"], "order"),
    ],
)
def test_what_cannot_be_judged_is_a_sentence(derender, pair, arguments, said):
    model = _recording(derender.folder / "said.jsonl", a=_marks(4, 4, 4, 4))
    (derender.folder / "plot.py").write_text("print(1)")
    done = derender("judge", *arguments, "-m", model)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_misspelt_command_gets_a_hint_and_a_file_of_that_name_is_a_picture(derender, pair):
    assert "Did you mean 'apply'?" in derender("judge", "aply").err
    pair[0].rename(derender.folder / "aply")
    model = _recording(derender.folder / "said.jsonl", a=_marks(4, 4, 4, 4))
    assert derender("judge", "aply", pair[1], "-r", "ChartQA", "-m", model).code == 0


def test_the_rubrics_are_listed(derender):
    rows = derender("judge", "rubrics", "--json").rows
    assert len(rows) == 22
    assert {"vision2code/ChartQA", "vision2code/generic", "januscoder/page_edit"} <= {row["name"] for row in rows}
    assert "januscoder/chart_generation  1–5 mean, passes at 3" in derender("judge", "rubrics").out


class _Endpoint(BaseHTTPRequestHandler):
    """Answers like an OpenAI-compatible endpoint: first without marks, then with them."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ASKED.append(body)
        text = "It looks fine." if len(ASKED) == 1 else _marks(4, 4, 4, 4)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        answer = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "choices": [choice]}
        sent = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        return


def test_an_endpoint_is_asked_with_both_pictures_and_only_once_for_the_same(derender, pair):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    derender.environment |= {"OPENAI_API_KEY": KEY, "NO_PROXY": "*"}
    url = f"http://127.0.0.1:{server.server_port}/v1"
    asked = ("judge", *pair, "-r", "ChartQA", "-m", "openai/eyes", "--base-url", url, "--json")
    try:
        first, second = derender(*asked), derender(*asked)
    finally:
        server.shutdown()
        server.server_close()
    assert [row["rating"] for row in (*first.rows, *second.rows)] == [4.0, 4.0]
    assert len(ASKED) == 2
    content = ASKED[0]["messages"][1]["content"]
    assert [part["type"] for part in content].count("image_url") == 2
    assert ASKED[0]["response_format"]["json_schema"]["schema"]["required"][0] == "category_scores"
    assert ASKED[1]["messages"][2]["content"]
    assert KEY not in first.out + first.err + second.out + second.err
