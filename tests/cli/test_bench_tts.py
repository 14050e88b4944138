"""The real ``derender bench tts``, on a tiny package, with recorded answers and with an endpoint on loopback."""

import csv
import hashlib
import json
import signal
import threading
from dataclasses import asdict, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.ablations.official_stages import COLUMNS
from derender.benchmarks.vision2code.data import Sample, sha256_of
from derender.benchmarks.vision2code.runs import read_run
from derender.judges import get_rubric
from derender.render.environments import find

DRAWN = "import matplotlib.pyplot as plt\nplt.bar([0, 1], [2, {}])\nplt.savefig(OUTPUT_PATH)\n"
BROKEN = "import matplotlib.pyplot as plt\nplt.barr([0, 1])\nplt.savefig(OUTPUT_PATH)\n"
NAMES = ["ChartQA_test_000001_aaaaaaaaaaaa", "ChartQA_test_000002_aaaaaaaaaaaa", "Physics_test_000003_bbbbbbbbbbbb"]


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture
def folder(derender):
    rows = []
    for place, name in enumerate(NAMES):
        path = derender.folder / "data/images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (200, 160), "white")
        ImageDraw.Draw(image).rectangle((20, 30, 80 + place, 150), fill="teal")
        image.save(path)
        cells = dict.fromkeys((field.name for field in fields(Sample)), "")
        cells |= {"split": "test_mini", "question_folder": name, "source_id": name, "image_path": f"images/{name}.png"}
        cells |= {"source_dataset": name.partition("_")[0], "image_sha256": sha256_of(path)}
        rows.append(asdict(Sample(**cells)))
    with (derender.folder / "data/manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    # The third sample's second program fails.
    said, marks = [], []
    for place, name in enumerate(NAMES):
        for stage in (1, 2, 3):
            item = name if stage == 1 else f"{name}~{stage}"
            program = BROKEN if (place, stage) == (2, 2) else DRAWN.format(stage + place)
            said.append({"id": item, "text": f"```python\n{program}```"})
            marks.append({"id": item, "text": _marks(name, stage + 1.0)})
    _write(derender.folder / "said.jsonl", said)
    _write(derender.folder / "marks.jsonl", marks)
    return derender.folder


def _write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _marks(name, mark):
    scores = dict.fromkeys(get_rubric(name.partition("_")[0]).ids, mark)
    return json.dumps({"category_scores": scores, "rationales": {}})


def _tts(derender, *more, model="replay/said.jsonl", judge="replay/marks.jsonl"):
    asked = ("-m", model, "--judge", judge, "--data", "data", "--stages", 3)
    return derender("bench", "tts", "vision2code", *asked, *more)


def test_every_stage_is_a_run_folder_and_is_compared_with_the_first(derender, folder):
    done = _tts(derender, "-o", "scaled", "--official", "official")
    assert done.code == 0, done.err
    table = json.loads((folder / "scaled/summary.json").read_text())
    scores = [table["stages"][f"stage{k}"]["official"]["benchmark_score_0_to_5"] for k in (1, 2, 3)]
    assert scores == [2.0, 1.5, 2.0]
    against = table["against_stage1"]["stage3"]["official"]
    assert (against["n"], against["better"], against["worse"]) == (3, 0.666667, 0.333333)
    assert against["macro"]["difference"] == 0.0 and against["micro"]["difference"] == 0.666667
    runs = [read_run(folder / "scaled" / f"stage{k}") for k in (1, 2, 3)]
    assert [run.model for run in runs] == [f"replay/said.jsonl, stage {k}" for k in (1, 2, 3)]
    assert [runs[k].rows[2]["render_status"] for k in (0, 2)] == ["ok", "missing_previous_stage"]
    assert derender("report", "scaled/stage2").code == 0
    assert "2.0 → failed → failed" in done.out and "✓" in done.out
    rounds = json.loads((folder / "scaled/rounds" / f"{NAMES[2]}.json").read_text())
    assert rounds["stop"] == "failed" and [each["official"] for each in rounds["rounds"]] == [2.0, 0.0]

    official = folder / "official"
    with (official / "benchmark_tts_stage3.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS and len(COLUMNS) == 23
    assert [row["status"] for row in rows] == ["ok", "ok", "missing_previous_stage"]
    assert rows[2]["render_success"] == "False" and rows[2]["generated_code_path"] == ""
    assert rows[0]["previous_stage"] == "2" and 0.5 < float(rows[0]["similarity"]) < 1
    third = official / NAMES[2]
    assert {path.name for path in third.iterdir()} == {
        *(f"tts_stage{k}_result.json" for k in (1, 2, 3)),
        *(f"tts_stage{k}_code.py" for k in (1, 2)),
        "tts_stage1_rendered.png",
        "tts_stage2_execution_error.txt",
    }
    assert (third / "tts_stage2_code.py").read_text() == BROKEN.rstrip() + "\n"
    assert json.loads((official / "benchmark_tts_stage1.json").read_text())["summary"] == {"stage": 1, "num_rows": 3}


def test_a_run_again_and_a_replay_of_the_run_have_the_same_bytes(derender, folder):
    assert _tts(derender, "-o", "one", "--mode", "fixed").code == 0
    before = {path: path.read_bytes() for path in (folder / "one").rglob("*.json*")}
    again = _tts(derender, "-o", "one", "--mode", "fixed")
    assert again.code == 0
    # The ledger too: nothing was asked, and what was spent before is still said.
    assert {path: path.read_bytes() for path in before} == before
    assert json.loads((folder / "one/ledger.json").read_text())["replay/said.jsonl"]["requests"] > 0
    replayed = _tts(derender, "-o", "two", "--mode", "fixed", model="replay/one")
    assert replayed.code == 0, replayed.err
    assert (folder / "one/summary.json").read_bytes() == (folder / "two/summary.json").read_bytes()
    views = json.loads((folder / "one/summary.json").read_text())["stages"]
    assert list(views) == ["stage1", "stage2", "stage3", "last", "oracle"]
    assert views["oracle"]["official"]["benchmark_score_0_to_5"] == 4.0


def test_rows_that_somebody_changed_are_made_anew_and_no_file_elsewhere_is_taken(derender, folder):
    assert _tts(derender, "-o", "scaled").code == 0
    path = folder / "scaled/stage1/results.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    whole = path.read_bytes()
    rows[0] = {"key": rows[0]["key"]}
    rows[1]["official"] = "5"
    _write(path, rows)
    assert _tts(derender, "-o", "scaled").code == 0
    assert path.read_bytes() == whole
    (folder / "private.py").write_text("secret")
    rows = [json.loads(line) for line in whole.splitlines()]
    rows[0]["program"] = str(folder / "private.py")
    _write(path, rows)
    done = _tts(derender, "-o", "scaled", "--official", "official")
    assert done.code == 2 and "private.py: lies elsewhere than its run" in done.err
    (folder / "scaled/stage1" / f"{NAMES[0]}.py").unlink()
    path.write_bytes(whole)
    done = _tts(derender, "-o", "scaled", "--official", "official")
    assert done.code == 2 and f"{NAMES[0]}.py: no such file" in done.err


def test_a_judge_can_not_decide_where_there_is_none(derender, folder):
    done = derender(
        "bench",
        "tts",
        "vision2code",
        "-m",
        "replay/said.jsonl",
        "--mode",
        "fixed",
        "--accept-by",
        "judge",
        "-o",
        "scaled",
    )
    assert (done.code, done.out) == (2, "") and "--accept-by judge needs one: name it by --judge" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stages", 0), "at least one stage"),
        (("--num-samples", -1), "a number of samples is 0 for all there are, or more, not -1"),
        (("--mode", "best"), "unknown mode 'best'"),
        (("--mode", "fixed", "--accept-by", "beauty"), "unknown metric 'beauty'"),
        (("--mode", "fixed", "--accept-by", "words.beauty"), "unknown part of words 'beauty'"),
        (("--accept-by", "ssim"), "--accept-by decides in the fixed mode"),
        (("--tokens", 9), "knows no budget of tokens"),
        (("--mode", "fixed", "--deadline", 0), "a budget of seconds must be more than 0"),
        (("--mode", "fixed", "--official", "x"), "--official writes official stages"),
        (("--split", "test"), "holds no samples of the split test"),
    ],
)
def test_wrong_use_is_one_sentence(derender, folder, arguments, said):
    done = _tts(derender, "-o", "scaled", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1
    assert not (folder / "scaled").exists()


class _Endpoint(ThreadingHTTPServer):
    """Model and judge in one; every distinct request is counted, and after ``patience`` of them none is answered."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.patience = 0
        self.lock = threading.Lock()
        self.answered, self.kept_waiting = [], []
        self.stuck, self.release = threading.Event(), threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        return

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = hashlib.sha256(body).hexdigest()
        with self.server.lock:
            waits = len(self.server.answered) >= self.server.patience
            (self.server.kept_waiting if waits else self.server.answered).append(key)
        if waits:
            self.server.stuck.set()
            self.server.release.wait(30)
            return
        said = json.loads(body)
        text = json.dumps(said["messages"])
        if said["model"] == "judge":
            known = [name for name in ("ChartQA", "Physics") if get_rubric(name).ids[0] in text]
            reply = _marks(known[0], 3.0)
        else:
            stage = text.count("image_url") // 2
            reply = f"```python\n{DRAWN.format(stage + len(text) % 7)}```"
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply}}
        answer = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def test_a_run_that_is_killed_twice_goes_on_and_repeats_no_request(derender, folder):
    server = _Endpoint()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    derender.environment["OPENAI_API_KEY"] = "sk-x"
    try:
        asked = ("--base-url", server.url, "--judge-url", server.url, "-j", 1, "--no-check")
        arguments = (
            "-m",
            "openai/writer",
            "--judge",
            "openai/judge",
            "--data",
            "data",
            "--stages",
            3,
            *asked,
            "--no-check",
        )
        for patience in (2, 9):
            server.patience = patience
            process = derender.start("bench", "tts", "vision2code", *arguments, "-o", "scaled")
            assert server.stuck.wait(60)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            server.stuck.clear()
        server.patience = 10**6
        server.release.set()
        done = derender("bench", "tts", "vision2code", *arguments, "-o", "scaled")
        assert done.code == 0, done.err
        again = derender("bench", "tts", "vision2code", *arguments, "-o", "other")
        assert again.code == 0
        assert len(server.answered) == len(set(server.answered)) == 18, "nothing that was answered is asked again"
        assert len(server.kept_waiting) == 2
        for name in ("summary.json", "stage1/results.jsonl", "stage3/results.jsonl", "stage3/summary.json"):
            assert (folder / "scaled" / name).read_bytes() == (folder / "other" / name).read_bytes(), name
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
