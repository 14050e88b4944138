"""``derender convert --rounds``: every round is kept, the best one is the result."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image, ImageDraw

START = "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='80'><rect width='120' height='80' fill='#fff'/>"
CLOSE = f"{START}<rect x='20' y='20' width='51' height='41' fill='#080'/></svg>"
WORSE = f"{START}<rect width='120' height='80' fill='#a00'/></svg>"
BROKEN = f"{START}\n<rect"


def fenced(source):
    return f"```svg\n{source}\n```"


@pytest.fixture(scope="module")
def folder(shell):
    image = Image.new("RGB", (120, 80), "white")
    ImageDraw.Draw(image).rectangle((20, 20, 70, 60), fill="#008000")
    for name in ("good", "good~2", "mute", "cut"):
        image.save(shell.folder / f"{name}.png")
    answers = {
        "good": [fenced(BROKEN), fenced(CLOSE), fenced(WORSE), "DONE"],
        # Named like a round of another, and yet its own item.
        "good-2": [fenced(WORSE), fenced(CLOSE), "I see a chart.", fenced(WORSE)],
        "mute": ["I see a chart.", "Still a chart.", "", "A chart!"],
        "cut": [fenced(CLOSE)],
    }
    rows = [
        {"id": name if number == 1 else f"{name}~{number}", "text": text}
        for name, texts in answers.items()
        for number, text in enumerate(texts, 1)
    ]
    (shell.folder / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return shell.folder


@pytest.fixture(scope="module")
def done(shell, folder):
    images = ["good.png", "good~2.png", "mute.png", "cut.png"]
    options = ["-m", "replay/answers.jsonl", "--rounds", 4, "--metric", "ssim,mse", "-o", "out"]
    return shell("convert", *images, *options, "--json")


@pytest.fixture(scope="module")
def rows(done):
    lines = (done.folder / "out" / "results.jsonl").read_text().splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def test_the_best_round_is_the_result_and_all_are_kept(done, rows):
    out = done.folder / "out"
    row, rounds = rows["good"], rows["good"]["rounds"]
    assert (out / "good.svg").read_text().strip() == CLOSE == (out / "rounds" / "good~2.svg").read_text().strip()
    assert (out / "good.png").read_bytes() == (out / "rounds" / "good~2.png").read_bytes()
    assert (rounds["chosen"], rounds["last"], rounds["stop"], rounds["decided_by"]) == (2, 3, "done", "ssim")
    assert rounds["oracle"] == {"ssim": 2, "mse": 2} and row["rendering"]["ok"]
    assert row["scores"] == rounds["each"][1]["scores"] and row["scores"]["ssim"]["ssim"] > 0.9
    assert [each["accepted"] for each in rounds["each"]] == [True, True, False, False]
    for each in rounds["each"]:
        files = [each["reply"], each["program"], *(each["rendering"] or {"pictures": []})["pictures"]]
        assert all((out / name).is_file() for name in files if name)
        assert len(each["prompt"]) == len(each["request"]) == 64
    assert rounds["each"][0]["rendering"]["failure"]["line"] == 2


def test_an_item_named_like_a_round_is_its_own(done, rows):
    assert set(rows) == {"good", "good-2", "mute", "cut"}
    assert rows["good-2"]["rounds"]["chosen"] == 2 and rows["good-2"]["rounds"]["each"][2]["program"] is None
    assert (done.folder / "out" / "reply" / "good~2.txt").read_text() == fenced(CLOSE)
    assert (done.folder / "out" / "reply" / "good-2.txt").read_text() == fenced(WORSE)


def test_bad_items_lose_nothing_of_theirs(done, rows):
    assert done.code == 1
    failures = {row["image"].rpartition("/")[2]: row["rendering"]["failure"] for row in done.rows}
    assert failures == {"good.png": None, "good~2.png": None, "mute.png": "no_code", "cut.png": None}
    assert rows["mute"]["rounds"]["chosen"] is None and rows["mute"]["program"] is None
    replies = [done.folder / "out" / each["reply"] for each in rows["mute"]["rounds"]["each"]]
    assert [path.read_text() for path in replies] == ["I see a chart.", "Still a chart.", "", "A chart!"]
    cut = rows["cut"]["rounds"]
    assert cut["stop"] == "model_failed" and "cut~2" in cut["why"] and cut["chosen"] == 1


def test_the_folder_is_a_recording_of_the_same_rounds(shell, done, rows):
    options = ["-m", "replay/out", "--rounds", 4, "--metric", "ssim,mse", "-o", "again"]
    again = shell("convert", "good.png", *options)
    (row,) = map(json.loads, (shell.folder / "again" / "results.jsonl").read_text().splitlines())
    kept = [{**each, "rendering": None, "model_s": 0} for each in row["rounds"]["each"]]
    assert kept == [{**each, "rendering": None, "model_s": 0} for each in rows["good"]["rounds"]["each"]]
    assert "round 2 of 4 (ssim failed, 0.9" in again.out


class Looking(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that answers by how many pictures it is shown."""

    asked = 0

    def do_POST(self):
        type(self).asked += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pictures = [part for part in body["messages"][-1]["content"] if part["type"] == "image_url"]
        text = fenced({1: WORSE, 2: CLOSE}.get(len(pictures), BROKEN))
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        said = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "choices": [choice]}
        usage = {"prompt_tokens": 500, "completion_tokens": 50, "total_tokens": 550}
        answer = json.dumps({**said, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        return


def test_an_endpoint_is_shown_its_picture_and_not_asked_twice(shell, folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Looking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    options = ["-m", "openai/looker", "--base-url", url, "--rounds", 3, "--metric", "ssim", "-o", "looked", "--json"]
    first, second = shell("convert", "good.png", *options), shell("convert", "good.png", *options)
    server.shutdown()
    server.server_close()
    (rounds,) = (row["rounds"] for row in first.rows)
    assert (rounds["chosen"], rounds["stop"], len(rounds["each"])) == (2, "repeated", 3)
    assert Looking.asked == 3 and second.rows[0]["rounds"] == rounds
    ledger = json.loads((shell.folder / "looked" / "ledger.json").read_text())
    assert ledger["looker"]["cached"] == 3 and ledger["looker"]["saved"]["input_tokens"] == 1500


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--rounds", 0], "--rounds must be at least 1"), (["--rounds", 2], "does not look at what it drew")],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(shell, folder, arguments, words):
    done = shell("convert", "good.png", *arguments)
    assert done.code == 2 and words in done.err and len(done.err.splitlines()) == 1
