"""``inspect eval derender/vision2code``: the same task by Inspect's own door."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("inspect_ai")

from derender.render.environments import find

from .conftest import make_shell
from .painter import Painter
from .six_samples import NAMES, write_package


@pytest.fixture(scope="module")
def derender(tmp_path_factory):
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")
    shell = make_shell(tmp_path_factory.mktemp("inspect-door"))
    own = {"OPENAI_API_KEY": "sk-not-to-be-seen", "NO_PROXY": "*", "HTTPS_PROXY": "http://127.0.0.1:9"}
    shell.environment |= own | {"INSPECT_DISPLAY": "plain"}
    write_package(shell.folder)
    return shell


def _run(derender, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "inspect_ai", *map(str, arguments)],
        cwd=derender.folder,
        env={**os.environ, **derender.environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


def _inspect(derender, *arguments):
    """The log that Inspect's own command leaves."""
    from inspect_ai.log import read_eval_log

    logs = derender.folder / f"logs-{len([*derender.folder.glob('logs-*')])}"
    command = ("eval", "derender/vision2code", "-T", "data=data")
    done = _run(derender, *command, "--log-dir", logs, *arguments)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    (path,) = logs.iterdir()
    return read_eval_log(str(path))


def test_what_one_door_was_answered_the_other_does_not_ask_again(derender):
    endpoint = Painter(derender.folder)
    derender.environment["OPENAI_BASE_URL"] = endpoint.url
    grader = "grader=derender/openai/eyes"
    try:
        log = _inspect(derender, "--model", "derender/openai/painter", "--model-role", grader)
        asked = len(endpoint.bodies)
        named = ("-m", "openai/painter", "--judge", "openai/eyes")
        done = derender("bench", "run", "vision2code", "--data", "data", "-o", "run", "--no-check", *named)
    finally:
        del derender.environment["OPENAI_BASE_URL"]
        endpoint.shutdown()
        endpoint.server_close()
    assert log.status == "success" and log.eval.task_registry_name == "derender/vision2code"
    # Six answers, four verdicts; and all of them at hand for the other door.
    assert asked == len(endpoint.bodies) == 10
    assert done.code == 0, done.err
    table = json.loads((derender.folder / "run/summary.json").read_text())
    metrics = {name: metric.value for score in log.results.scores for name, metric in score.metrics.items()}
    assert metrics["macro"] == table["official"]["benchmark_score_0_to_5"]
    assert {name: metrics[name] for name in table["datasets"]} == {
        name: each["official"] for name, each in table["datasets"].items()
    }
    counted = {name: usage.input_tokens for name, usage in log.stats.model_usage.items()}
    assert counted["derender/openai/painter"] == 6000


def test_settings_of_inspects_reach_the_model_and_without_a_grader_nothing_is_rated(derender):
    endpoint = Painter(derender.folder)
    try:
        log = _inspect(
            derender,
            *("--model", "derender/openai/painter", "--model-base-url", endpoint.url),
            *("--temperature", 0.25, "--max-tokens", 99, "-T", "num_samples=3"),
        )
    finally:
        endpoint.shutdown()
        endpoint.server_close()
    assert [(body["temperature"], body["max_tokens"]) for body in endpoint.bodies] == [(0.25, 99)] * 3
    assert [sample.id for sample in log.samples] == NAMES[:3]
    # The third draws nothing: its zero would be the mean of all.
    assert [sample.scores["vision2code"].reason for sample in log.samples] == ["not_judged"] * 3
    assert [sample.scores["drawn"].value for sample in log.samples] == [1.0, 1.0, 0.0]
    by_name = {score.name: score for score in log.results.scores}
    assert by_name["vision2code"].unscored_samples == 3
    assert by_name["drawn"].metrics["mean"].value == pytest.approx(2 / 3)


def test_a_log_is_rated_again_by_another_judge(derender, tmp_path):
    from inspect_ai.log import read_eval_log

    endpoint = Painter(derender.folder)
    derender.environment["OPENAI_BASE_URL"] = endpoint.url
    try:
        log = _inspect(derender, "--model", "derender/openai/painter", "-T", "num_samples=2")
        again = tmp_path / "again.eval"
        done = _run(
            derender,
            *("score", log.location, "--scorer", "derender/vision2code", "-S", "data=data"),
            *("--model-role", "grader=derender/openai/eyes", "--action", "append", "--output-file", again),
        )
        asked = [body["model"] for body in endpoint.bodies]
    finally:
        del derender.environment["OPENAI_BASE_URL"]
        endpoint.shutdown()
        endpoint.server_close()
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert asked.count("painter") == 2 and asked[2:] == ["eyes", "eyes"]
    scores = [sample.scores for sample in read_eval_log(str(again)).samples]
    assert [each["vision2code"].reason for each in scores] == ["not_judged"] * 2
    finals = [each["vision2code1"].metadata["official"]["final_rating_0_to_5"] for each in scores]
    assert [each["vision2code1"].value for each in scores] == finals
    assert all(final > 0 for final in finals)


@pytest.mark.parametrize(
    "command",
    [
        ("eval", "derender/vision2code", "-T", "data=nowhere[1]", "--model", "derender/trace"),
        ("eval", "derender/vision2code", "-T", "data=data", "-T", "split=half", "--model", "derender/trace"),
    ],
)
def test_what_is_wrongly_given_to_inspects_command_is_one_sentence(derender, command):
    done = _run(derender, *command)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode != 0
    assert "Traceback" not in said
    assert "nowhere[1]: is no folder" in said or "half" in said
