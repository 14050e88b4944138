"""The real ``derender bench run``: Inspect underneath, models replayed or at an endpoint on loopback."""

import json
import os
import shutil
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("inspect_ai")

from derender.core.store import ContentStore
from derender.render.environments import find

from .conftest import make_shell
from .painter import Painter
from .six_samples import NAMES, REPLIES, write_lines, write_package

KEY = "sk-not-to-be-seen"
RUN = ("bench", "run", "vision2code", "--data", "data")
REPLAYED = (*RUN, "-m", "replay/said.jsonl", "--judge", "replay/marks.jsonl")


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture(scope="module")
def derender(tmp_path_factory):
    """One folder and one cache for the module: what was drawn once is at hand for the next test."""
    shell = make_shell(tmp_path_factory.mktemp("bench-run"))
    # Nothing may be fetched, and no setting of the user's may count.
    shell.environment |= {"OPENAI_API_KEY": KEY, "NO_PROXY": "*", "HTTPS_PROXY": "http://127.0.0.1:9"}
    write_package(shell.folder)
    return shell


@pytest.fixture
def endpoint(derender):
    server = Painter(derender.folder)
    yield server
    server.allow(10**6)
    server.shutdown()
    server.server_close()


def _rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def _without_key(rows):
    return [{name: value for name, value in row.items() if name != "key"} for row in rows]


def test_a_run_ends_like_scoring_the_same_answers_and_its_report_opens(derender):
    # Of whoever made the folder; Inspect, which reads such a file, would stop at once.
    (derender.folder / ".env").write_text("INSPECT_REQUIRED_HOOKS=nobody/hook\n")
    ran = derender(*REPLAYED, "-o", "run")
    assert ran.code == 0, ran.err
    (derender.folder / ".env").unlink()
    scored = derender(
        "bench", "score", "vision2code", "said.jsonl", "--data", "data", "--judge", "replay/marks.jsonl", "-o", "scored"
    )
    run, said = derender.folder / "run", derender.folder / "scored"
    assert (run / "summary.json").read_bytes() == (said / "summary.json").read_bytes()
    assert _without_key(_rows(run)) == _without_key(_rows(said))
    for name in NAMES:
        assert (run / f"{name}.py").read_bytes() == (said / f"{name}.py").read_bytes()
        assert (run / "reply" / f"{name}.txt").read_text() == REPLIES[name]
    # Rows come as they are done, the table after them is the same.
    assert ran.out[ran.out.index("\n\n") :] == scored.out[scored.out.index("\n\n") :]
    described = json.loads((run / "run.json").read_text())
    assert described["model"] == "replay/said.jsonl" and described["judge"] == "replay/marks.jsonl"
    assert described["sampling"] == {"temperature": 0.0, "max_tokens": 8192}
    assert described["package"] == {"samples": 6, "published": False}
    assert "inspect view --log-dir run/logs" in ran.err
    # Recorded answers cost no time, however long they wait for their turn.
    spent = json.loads((run / "ledger.json").read_text())
    assert all(
        (each["requests"], each["cached"], each["elapsed_s"]) == (each["samples"],) * 2 + (0.0,)
        for each in spent.values()
    )
    assert derender("report", "run").code == 0
    again = derender(*REPLAYED, "-o", "run", "--json")
    assert again.code == 0 and len(again.rows) == 7 and len([*(run / "logs").iterdir()]) == 1


def test_the_log_holds_scores_and_small_pictures_and_no_others(derender):
    from inspect_ai.log import read_eval_log

    run = derender.folder / "run"
    if not run.exists():
        derender(*REPLAYED, "-o", "run")
    (path,) = (run / "logs").iterdir()
    log = read_eval_log(str(path))
    table = json.loads((run / "summary.json").read_text())
    metrics = {name: metric.value for score in log.results.scores for name, metric in score.metrics.items()}
    assert log.status == "success"
    assert metrics["macro"] == table["official"]["benchmark_score_0_to_5"]
    assert metrics["ChartQA"] == table["datasets"]["ChartQA"]["official"]
    assert metrics["mean"] == pytest.approx(2 / 3)
    by_name = {sample.id: sample for sample in log.samples}
    shown = by_name[NAMES[0]].scores["vision2code"].metadata
    assert shown["drawn_picture"].startswith("data:image/jpeg;base64,")
    assert shown["reference_picture"].startswith("data:image/jpeg;base64,")
    assert "drawn_picture" not in by_name[NAMES[2]].scores["vision2code"].metadata
    assert by_name[NAMES[0]].output.completion == REPLIES[NAMES[0]]
    # The files themselves, which thousands of samples would make gigabytes of.
    assert not any("data:image/png" in sample.model_dump_json() for sample in log.samples)


def test_what_the_model_did_not_answer_is_no_zero_and_is_asked_again_next_time(derender):
    said = [{"id": NAMES[0], "text": REPLIES[NAMES[0]]}, {"id": NAMES[1], "error": "the endpoint was down"}]
    said += [{"id": NAMES[2], "text": "", "refusal": "I won't"}]
    write_lines(derender.folder / "some.jsonl", *said)
    asked = (*RUN, "-m", "replay/some.jsonl", "--num-samples", 3)
    done = derender(*asked, "-o", "some", "--json")
    assert done.code == 1
    rows = {row["question_folder"]: row for row in done.rows[:-1]}
    assert rows[NAMES[0]]["dropped"] == "not_judged" and rows[NAMES[0]]["render_success"]
    assert (rows[NAMES[1]]["dropped"], rows[NAMES[1]]["why"]) == ("no_answer", "the endpoint was down")
    assert rows[NAMES[1]]["again"] and not rows[NAMES[0]]["again"]
    assert rows[NAMES[2]]["official"]["final_rating_0_to_5"] == 0.0
    assert rows[NAMES[2]]["render_status"] == "no_output_image"
    assert done.rows[-1]["summary"]["dropped"]["no_answer"] == 1
    assert len([*(derender.folder / "some/logs").iterdir()]) == 1
    derender(*asked, "-o", "some")
    assert len([*(derender.folder / "some/logs").iterdir()]) == 2


def test_a_dry_run_asks_nobody_and_says_what_is_left(derender, endpoint):
    (derender.folder / "prices.toml").write_text('["painter"]\ninput = 1.0\noutput = 2.0\n')
    asked = (*RUN, "-m", "openai/painter", "--base-url", endpoint.url, "--prices", "prices.toml", "--max-tokens", 500)
    assert derender(*asked, "-o", "dry", "--num-samples", 2, "--no-check").code == 0
    judged = ("--judge", "openai/eyes", "--judge-url", endpoint.url)
    (plan,) = derender(*asked, *judged, "-o", "other", "--dry-run", "--json").rows
    scored = derender(*asked, "-o", "dry", "--dry-run", "--json").rows[0]["all"]
    assert len(endpoint.bodies) == 2 and not (derender.folder / "other").exists()
    whole = plan["all"]
    counts = ("samples", "scored", "kept", "unusable", "asked", "judged")
    assert [whole[name] for name in counts] == [6, 0, 2, 0, 4, 6]
    most = plan["most"]["model"]
    assert most["cost"] == pytest.approx((whole["model_tokens"] * 1.0 + 4 * 500 * 2.0) / 1e6)
    # Of the judge nobody said the price.
    assert plan["most"]["judge"]["requests"] == 6 and plan["most"]["judge"]["cost"] is None
    assert [scored[name] for name in counts] == [6, 2, 0, 0, 4, 0]
    # What it said is what a run does, and without a folder nothing counts as scored.
    (fresh,) = derender(*asked, "--dry-run", "--json").rows
    assert [fresh["all"][name] for name in counts] == [6, 0, 2, 0, 4, 0]
    assert derender(*asked, "-o", "dry", "--no-check").code == 0 and len(endpoint.bodies) == 2 + fresh["all"]["asked"]


def test_the_model_is_asked_as_the_paper_asks_and_sees_the_picture_alone(derender, endpoint):
    asked = (*RUN, "-m", "openai/painter", "--base-url", endpoint.url, "--judge", "openai/eyes", "--judge-url")
    done = derender(*asked, endpoint.url, "-o", "paper", "--num-samples", 4, "--spread", "--no-check")
    assert done.code == 0, done.err
    sent = [body for body in endpoint.bodies if body["model"] == "painter"]
    names = {row["question_folder"] for row in _rows(derender.folder / "paper")}
    assert names == {*NAMES[:2], *NAMES[3:5]}
    assert len(sent) == 4
    for body in sent:
        assert (body["temperature"], body["max_tokens"]) == (0.0, 8192)
        system, user = body["messages"]
        assert system["role"] == "system" and "OUTPUT_PATH" in system["content"]
        assert [part["type"] for part in user["content"]] == ["image_url", "text"]
        told = json.dumps(system) + user["content"][1]["text"]
        assert not any(word in told for word in ("ChartQA", "Physics", "question", "rubric"))
    spent = json.loads((derender.folder / "paper/ledger.json").read_text())
    assert spent["painter"]["usage"]["input_tokens"] == 4000 and spent["eyes"]["requests"] == 4


def test_with_a_reasoning_effort_no_temperature_is_sent_unless_one_is_wanted():
    from inspect_ai.model import GenerateConfig

    from derender.benchmarks.vision2code.inspect_task import sampling_by

    def temperature(**wanted):
        return sampling_by(GenerateConfig(**wanted)).temperature

    assert temperature() == temperature(reasoning_effort="none") == 0.0
    assert temperature(reasoning_effort="low") is None
    assert temperature(reasoning_effort="low", temperature=0.7) == 0.7


def test_once_enough_is_spent_nobody_is_asked_and_a_larger_sum_goes_on(derender, endpoint):
    # A request costs 1000 tokens of input and 100 of output.
    (derender.folder / "dear.toml").write_text('["painter"]\ninput = 1000\noutput = 10000\n')
    asked = (*RUN, "-m", "openai/painter", "--base-url", endpoint.url, "--no-check", "--connections", 1)
    # A length that no other test asks for: their answers are at hand.
    asked = (*asked, "--prices", "dear.toml", "--max-tokens", 777, "-o", "spent")
    first = derender(*asked, "--max-cost", 3, "--json")
    why = [row["why"] for row in first.rows[:-1] if row["dropped"] == "no_answer"]
    assert first.code == 1 and len(endpoint.bodies) + len(why) == 6
    assert 2 <= len(endpoint.bodies) < 6 and "3 is the most that may be" in why[0]
    done = derender(*asked, "--max-cost", 30, "--json")
    assert done.code == 0, done.err
    assert len(endpoint.bodies) == 6 == len(endpoint.answered)


def test_an_endpoint_that_can_not_be_used_is_said_before_anything_is_asked(derender, endpoint):
    endpoint.server_close()
    done = derender(*RUN, "-m", "openai/painter", "--base-url", endpoint.url, "-o", "down")
    assert done.code == 2 and done.out == ""
    assert "the model painter can't be used" in done.err and "can't be reached" in done.err
    assert not (derender.folder / "down").exists()
    assert KEY not in done.err


@contextmanager
def _running(derender, *arguments):
    process = derender.start(*arguments)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_for(there, process) -> None:
    """Wait while a command runs; where it ends before its time, with what it said."""
    deadline = time.monotonic() + 90
    while not there():
        if process.poll() is not None:
            pytest.fail(f"it ended with {process.returncode}: {process.communicate()[1].decode()}")
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _settled(folder: Path, endpoint: Painter, process, rows: int) -> None:
    """Wait until all that was answered is kept, and nothing more will be."""

    def settled() -> bool:
        if not endpoint.held or _lines(folder / "killed/results.jsonl") < rows:
            return False
        return ContentStore(folder / "killed-cache/answers").info().entries == sum(endpoint.answered.values())

    _wait_for(settled, process)


def test_killed_at_any_moment_and_started_again_nothing_is_asked_twice_and_the_table_is_the_same(derender, endpoint):
    from inspect_ai.log import read_eval_log

    shell = make_shell(derender.folder)
    shell.environment |= derender.environment | {"DERENDER_CACHE": str(derender.folder / "killed-cache")}
    # An address may hold secrets too.
    urls = ("--base-url", endpoint.url.replace("://", "://user:sesame@"), "--judge-url", f"{endpoint.url}?k=sesame")
    asked = (*RUN, "-m", "openai/painter", "--judge", "openai/eyes", *urls, "--no-check", "--connections", 2)
    # While answers are missing; while verdicts are; when most is done.
    for allowed, rows in ((2, 0), (3, 0), (3, 2)):
        endpoint.held = 0
        endpoint.allow(allowed)
        with _running(shell, *asked, "-o", "killed") as process:
            _settled(derender.folder, endpoint, process, rows)
            process.send_signal(signal.SIGKILL)
            process.communicate()
    endpoint.allow(10**6)
    after = shell(*asked, "-o", "killed")
    assert after.code == 0, after.err
    # Six answers, and verdicts on the four pictures that were drawn.
    assert len(endpoint.answered) == 10 and set(endpoint.answered.values()) == {1}
    whole = shell(*asked, "-o", "whole")
    assert whole.code == 0 and set(endpoint.answered.values()) == {1}
    for name in ("results.jsonl", "summary.json"):
        assert (derender.folder / "killed" / name).read_bytes() == (derender.folder / "whole" / name).read_bytes()
    written = [path.read_text() for path in (derender.folder / "killed").glob("*.json*")]
    written += [read_eval_log(str(path)).model_dump_json() for path in (derender.folder / "killed/logs").iterdir()]
    assert not any(secret in text for text in [*written, after.out, after.err] for secret in (KEY, "sesame"))


def test_two_runs_never_write_to_one_folder(derender, endpoint):
    asked = (*RUN, "-m", "openai/painter", "--base-url", endpoint.url, "--no-check", "--no-cache", "-o", "shared")
    endpoint.allow(0)
    with _running(derender, *asked) as process:
        _wait_for(lambda: endpoint.held, process)
        second = derender(*REPLAYED, "-o", "shared")
        assert second.code == 2 and second.out == "" and "another run is writing to it" in second.err


def test_ctrl_c_is_one_sentence_and_what_was_done_is_kept(derender, endpoint):
    asked = (*RUN, "-m", "openai/painter", "--base-url", endpoint.url, "--no-check", "--no-cache")
    endpoint.allow(2)
    with _running(derender, *asked, "-o", "stopped") as process:
        results = derender.folder / "stopped/results.jsonl"
        _wait_for(lambda: _lines(results) == 2 and endpoint.held, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert b"stopped; 2 of 6 done" in err
    assert b"Traceback" not in err
    assert len(_rows(derender.folder / "stopped")) == 2
    assert (derender.folder / "stopped/ledger.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-m", "nobody/x"), "unknown model 'nobody/x'"),
        (("-m", "inspect/nobody/x"), "Inspect can't ask nobody/x"),
        (("-m", "openai/painter", "--max-cost", 3), "--max-cost needs the price of painter"),
        (("-m", "trace", "--reasoning-effort", "hard"), "'hard'"),
        (("-m", "trace", "--max-cost", 0), "--max-cost must be more than 0"),
    ],
)
def test_wrong_use_is_one_sentence(derender, arguments, said):
    done = derender(*RUN, *arguments, "-o", "wrong")
    assert done.code == 2 and done.out == ""
    assert said in done.err and len(done.err.splitlines()) == 1
    assert not (derender.folder / "wrong").exists()


def test_without_a_folder_or_with_one_that_can_not_be_there_it_says_so(derender):
    without = derender(*RUN, "-m", "replay/said.jsonl")
    assert without.code == 2 and "name a run folder by -o" in without.err
    (derender.folder / "taken").mkdir(exist_ok=True)
    (derender.folder / "taken/logs").write_text("")
    taken = derender(*REPLAYED, "-o", "taken")
    assert taken.code == 2 and "logs: is a file" in taken.err.splitlines()[-1]


def test_a_picture_that_is_a_pipe_is_not_waited_for(derender):
    shutil.copytree(derender.folder / "data", derender.folder / "odd")
    picture = derender.folder / "odd/images" / f"{NAMES[0]}.png"
    picture.unlink()
    os.mkfifo(picture)
    asked = ("bench", "run", "vision2code", "--data", "odd", "-m", "replay/said.jsonl", "--num-samples", 1)
    done = derender(*asked, "-o", "piped", "--json")
    assert done.code == 1 and done.rows[0]["dropped"] == "bad_reference"


def test_help_fits_eighty_columns_and_shows_examples(derender):
    derender.environment["COLUMNS"] = "80"
    done = derender("bench", "run", "--help")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "Examples" in done.out
