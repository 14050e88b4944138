import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

PAGE = "<!doctype html><body style='margin:0;background:#fff'><h1 style='margin:30px'>Sales</h1></body>"
SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='120'><rect width='90' height='60' fill='teal'/></svg>"
)
REPLIES = {
    "painter": {"HTML": f"<think>a page</think>Here it is:\n```html\n{PAGE}\n```", "SVG": f"```svg\n{SVG}\n```"},
    "chatter": {"HTML": "I see a chart.", "SVG": "I see a chart."},
}


class Endpoint(BaseHTTPRequestHandler):
    """Answers like an OpenAI-compatible endpoint, by the model's name and the language asked for."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["model"] not in REPLIES:
            self.send_error(404)
            return
        prompt = asked["messages"][-1]["content"][-1]["text"]
        text = REPLIES[asked["model"]]["HTML" if "HTML" in prompt else "SVG"]
        message = {"role": "assistant", "content": text}
        answer = {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"]}
        body = json.dumps({**answer, "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


@pytest.fixture(scope="module")
def base_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def pictures(shell):
    """One picture in every form that files take, and files that only look like pictures."""
    image = Image.new("RGB", (200, 120), "white")
    ImageDraw.Draw(image).rectangle((20, 30, 120, 100), fill="teal")
    good, bad = shell.folder / "good", shell.folder / "bad"
    for folder in (good, bad, bad / "folder.png"):
        folder.mkdir(exist_ok=True)
    image.save(good / "plain.png")
    image.save(good / "plain.webp")
    image.convert("CMYK").save(good / "cmyk.jpg")
    image.quantize(8).save(good / "palette.png")
    image.convert("I;16").save(good / "deep.png")
    image.save(good / "animated.gif", save_all=True, append_images=[image.rotate(90)])
    image.save(good / "jpeg.png", "JPEG")
    Image.new("RGB", (1, 1), "red").save(good / "dot.png")
    Image.new("1", (20_000, 20_000)).save(bad / "huge.png")
    (bad / "empty.png").touch()
    (bad / "cut.png").write_bytes((good / "plain.png").read_bytes()[:200])
    (bad / "text.png").write_text("not a picture")
    return shell.folder


@pytest.fixture(scope="module")
def talked(shell, pictures, base_url):
    """A model at an endpoint, two languages, one picture that is none."""
    options = ["--model", "openai/painter", "--base-url", base_url, "--to", "html,svg", "--metric", "ssim"]
    return shell("convert", "good/plain.png", "good/plain.webp", "bad/cut.png", *options, "-o", "talked", "--json")


def test_each_program_is_reported_with_the_agreed_fields(talked):
    assert talked.code == 1
    assert len(talked.rows) == 6
    for row in talked.rows:
        assert list(row) == ["image", "program", "rendering", "scores"]
    done = [row for row in talked.rows if row["rendering"]["ok"]]
    assert len(done) == 4
    for row in done:
        assert Path(row["program"]).read_text().strip() in {PAGE, SVG}
        assert Path(row["rendering"]["picture"]).is_file()
        assert -1 <= row["scores"]["ssim"]["ssim"] <= 1


def test_a_page_is_drawn_as_large_as_the_picture(talked):
    pages = [row for row in talked.rows if (row["program"] or "").endswith(".html")]
    for row in pages:
        with Image.open(row["rendering"]["picture"]) as image:
            assert image.size == (200, 120)


def test_nothing_shares_a_file(talked):
    files = [path for row in talked.rows if row["program"] for path in (row["program"], row["rendering"]["picture"])]
    assert len(set(files)) == 8


def test_a_bad_picture_fails_alone(talked):
    failed = [row["rendering"] for row in talked.rows if not row["rendering"]["ok"]]
    assert [each["failure"] for each in failed] == ["bad_input", "bad_input"]
    assert "damaged or cut off" in failed[0]["message"]


def test_the_run_folder_holds_all_that_a_gallery_shows(talked):
    folder = talked.folder / "talked"
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert len(rows) == len({row["id"] for row in rows}) == 4
    for row in rows:
        assert row["model"] == "openai/painter"
        assert len(row["prompt"]) == 64
        for name in (row["reference"], row["program"], *row["rendering"]["pictures"], f"reply/{row['id']}.txt"):
            assert (folder / name).is_file()
    assert {row["reference"] for row in rows} == {"reference/plain.png", "reference/plain-2.png"}
    assert len({row["prompt"] for row in rows}) == len({row["target"] for row in rows}) == 2
    ledger = json.loads((folder / "ledger.json").read_text())
    assert ledger["painter"]["samples"] == 4 and ledger["painter"]["cost"] is None


def test_a_reply_without_a_program_is_the_models_failure_and_is_kept(shell, pictures, base_url):
    options = ["--model", "openai/chatter", "--base-url", base_url, "--to", "html", "-o", "chat", "--json"]
    done = shell("convert", "good/plain.png", *options)
    assert done.code == 1
    assert done.rows[0]["rendering"]["failure"] == "no_code"
    assert (shell.folder / "chat" / "reply" / "plain.txt").read_text() == "I see a chart."


def test_an_endpoint_that_refuses_is_a_sentence(shell, pictures, base_url):
    done = shell("convert", "good/plain.png", "--model", "openai/nobody", "--base-url", base_url, "-o", "nobody")
    assert done.code == 1
    assert "knows no model 'nobody'" in done.out


@pytest.fixture(scope="module")
def traced(shell, pictures):
    images = sorted([*(pictures / "good").iterdir(), *(pictures / "bad").iterdir()])
    return shell("convert", *images, "bad/missing.png", "-o", "traced", "--metric", "ssim", "--json")


def test_trace_takes_every_form_a_picture_comes_in(traced):
    assert traced.code == 1
    done = {Path(row["image"]).name: row for row in traced.rows if row["rendering"]["ok"]}
    assert set(done) == {path.name for path in (traced.folder / "good").iterdir()}
    for name in set(done) - {"dot.png"}:
        assert done[name]["scores"]["ssim"]["ssim"] > 0.85, name


def test_what_is_no_picture_is_one_sentence(traced):
    failed = {Path(row["image"]).name: row["rendering"]["message"] for row in traced.rows if not row["rendering"]["ok"]}
    assert set(failed) == {"folder.png", "huge.png", "empty.png", "cut.png", "text.png", "missing.png"}
    assert "is a folder" in failed["folder.png"]
    assert "larger than" in failed["huge.png"]
    assert "no such file" in failed["missing.png"]
    assert len(traced.err.splitlines()) == len(failed)


def test_an_input_in_the_output_folder_is_not_overwritten(shell, pictures):
    here = shell.folder / "here"
    here.mkdir()
    before = (pictures / "good" / "plain.png").read_bytes()
    (here / "plain.png").write_bytes(before)
    done = shell("convert", "here/plain.png", "-o", "here", "--metric", "ssim")
    assert done.code == 0
    assert done.out.startswith("✓ here/plain.png → here/plain-2.svg")
    assert (here / "plain.png").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["good/plain.png", "--to", "cobol"], "unknown language 'cobol'"),
        (["good/plain.png", "--to", "mermaid"], "use one of svg, python, html"),
        (["good/plain.png", "--model", "oracle"], "unknown model 'oracle'"),
        (["good/plain.png", "--metric", "taste"], "unknown metric 'taste'"),
        (["good/plain.png", "--base-url", "http://localhost"], "offline"),
        (["bad/missing.png"], "no such file"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(shell, pictures, arguments, words):
    done = shell("convert", *arguments)
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1
