"""The real ``derender bench score``, on a tiny package and answers of three qualities."""

import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from derender.judges import get_rubric
from derender.render.environments import find

from .six_samples import NAMES, REPLIES, marks_of, write_lines, write_package

KEY = "sk-not-to-be-seen"


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture
def folder(derender):
    """The folder with a package, ``data``, ``said.jsonl`` and a judge's ``marks.jsonl``."""
    return write_package(derender.folder)


def _score(derender, *more):
    return derender("bench", "score", "vision2code", "said.jsonl", "--data", "data", *more)


def test_three_qualities_are_told_apart_and_the_same_run_has_the_same_bytes(derender, folder):
    judged = ("--judge", "replay/marks.jsonl")
    first = _score(derender, *judged, "-o", "one", "-j", 2)
    assert first.code == 0, first.err
    table = json.loads((folder / "one/summary.json").read_text())
    of_dataset = {"ChartQA": round((4.6 + 2.0 + 0) / 3, 4), "Physics": round((4.2 + 1.0 + 0) / 3, 4)}
    assert {name: each["official"] for name, each in table["datasets"].items()} == of_dataset
    assert table["official"]["benchmark_score_0_to_5"] == round(sum(of_dataset.values()) / 2, 4)
    assert table["render_success"] == {"tried": 6, "ok": 4, "rate": 0.666667}
    assert table["failures"]["official"]["hallucinated_api_argument"] == 2
    (line,) = (line.split() for line in first.out.splitlines() if line.startswith("ChartQA "))
    assert line == ["ChartQA", "3", "3", "2", "2.20", "2.20"]
    second = _score(derender, *judged, "-o", "two", "--no-cache", "-j", 1)
    again = _score(derender, *judged, "-o", "two")
    assert again.code == second.code == 0
    for name in ("results.jsonl", "summary.json", f"{NAMES[0]}.png", f"{NAMES[0]}.py"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes(), name
    assert derender("report", "one").code == 0


def test_scores_in_the_file_need_no_judge_and_bad_lines_lose_nothing_else(derender, folder):
    rows = [{"sample_id": name.replace("_", ":"), "reply": REPLIES[name]} for name in NAMES[:3]]
    rows[0]["scores"] = json.loads(marks_of(NAMES[0]))["category_scores"]
    write_lines(folder / "said.jsonl", *rows, {"id": "nobody", "reply": ""}, {"id": NAMES[4]})
    done = _score(derender, "--json", "--num-samples", 4)
    assert done.code == 1
    *found, summary = (row for row in done.rows if "problem" not in row)
    by_name = {row["question_folder"]: row for row in found}
    assert by_name[NAMES[0]]["official"]["final_rating_0_to_5"] == 4.6
    assert [by_name[name]["dropped"] for name in NAMES[:4]] == [None, "not_judged", None, "no_prediction"]
    assert summary["summary"]["dropped"] == {"no_prediction": 1, "not_judged": 1}
    assert "said.jsonl, line 4: 'nobody' is no sample that is asked about" in done.err
    assert "said.jsonl, line 5: has neither reply, text nor code" in done.err


def test_lines_about_samples_that_are_not_asked_about_are_counted_and_no_failure(derender, folder):
    write_lines(folder / "said.jsonl", *({"id": name, "error": "asleep"} for name in NAMES))
    done = _score(derender, "--num-samples", 2)
    assert "said.jsonl: 4 of its lines are about other samples of the package, and passed over" in done.err
    assert "could not" not in done.err and "asked about" not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--data", "nowhere"), "nowhere: is no folder"),
        (("--data", "data", "--split", "test"), "data: holds no samples of the split test"),
        (("--data", "data", "--split", "train"), "unknown split 'train'"),
        (("--data", "data", "--domains", "mine"), "unknown map of domains 'mine'"),
        (("--data", "data", "--judge", "nobody"), "unknown model 'nobody'"),
    ],
)
def test_wrong_use_is_one_sentence(derender, folder, arguments, said):
    done = derender("bench", "score", "vision2code", "said.jsonl", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1


def test_a_file_without_predictions_is_wrong_use(derender, folder):
    assert (
        "nothing.jsonl: can't be read"
        in derender("bench", "score", "vision2code", "nothing.jsonl", "--data", "data").err
    )
    (folder / "said.jsonl").write_text("{}\n")
    done = _score(derender)
    assert done.code == 2
    assert "said.jsonl, line 1: names no sample" in done.err and "holds no predictions" in done.err


class _Endpoint(ThreadingHTTPServer):
    """A judge that stops answering after two verdicts until it may go on."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock, self.go_on = threading.Lock(), threading.Event()
        self.asked, self.answered = 0, []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.asked += 1
            held = self.server.asked > 2
        if held and not self.server.go_on.is_set():
            # Whoever asked is killed meanwhile.
            self.server.go_on.wait(60)
            return
        self.server.answered.append(body)
        scores = {each: 4.0 for name in ("ChartQA", "Physics") for each in get_rubric(name).ids}
        text = json.dumps({"category_scores": scores, "rationales": {}})
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        sent = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "eyes", "choices": [choice]})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent.encode())

    def log_message(self, *_):
        return


def test_killed_and_started_again_no_verdict_is_asked_for_twice_and_the_table_is_the_same(derender, folder):
    server = _Endpoint()
    derender.environment |= {"OPENAI_API_KEY": KEY, "NO_PROXY": "*"}
    url = f"http://127.0.0.1:{server.server_port}/v1"
    asked = (
        "bench",
        "score",
        "vision2code",
        "said.jsonl",
        "--data",
        "data",
        "--judge",
        "openai/eyes",
        "--base-url",
        url,
    )
    try:
        running = derender.start(*asked, "-o", "killed")
        results = folder / "killed/results.jsonl"
        deadline = time.monotonic() + 60
        # Rows of what was never drawn have no judge.
        while not (results.exists() and results.read_bytes().count(b'"judge":') == 2 and server.asked > 2):
            assert running.poll() is None and time.monotonic() < deadline
            threading.Event().wait(0.02)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        server.go_on.set()
        after = derender(*asked, "-o", "killed")
        whole = derender(*asked, "-o", "whole")
    finally:
        server.shutdown()
        server.server_close()
    assert after.code == whole.code == 0, after.err
    assert len(server.answered) == len(set(server.answered)) == 4
    for name in ("results.jsonl", "summary.json"):
        assert (folder / "killed" / name).read_bytes() == (folder / "whole" / name).read_bytes()
    assert KEY not in after.out + after.err + (folder / "killed/results.jsonl").read_text()


def test_help_fits_eighty_columns_and_shows_examples(derender):
    derender.environment["COLUMNS"] = "80"
    done = derender("bench", "score", "--help")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "Examples" in done.out
