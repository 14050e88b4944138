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


def _inspect(derender, *arguments):
    """The log that Inspect's own command leaves."""
    from inspect_ai.log import read_eval_log

    logs = derender.folder / f"logs-{len([*derender.folder.glob('logs-*')])}"
    command = [sys.executable, "-m", "inspect_ai", "eval", "derender/vision2code", "-T", "data=data"]
    done = subprocess.run(
        [*command, "--log-dir", str(logs), *map(str, arguments)],
        cwd=derender.folder,
        env={**os.environ, **derender.environment},
        capture_output=True,
        timeout=120,
        check=False,
    )
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
