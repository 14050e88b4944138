"""How the benchmark's commands ask models and judges: checked first, each at its own place, with fields of its own."""

import pytest

from derender.render.environments import find

from .conftest import make_shell
from .painter import Painter
from .six_samples import write_package

KEYS = {"OPENAI_API_KEY": "sk-of-the-model", "RATER_API_KEY": "sk-of-the-judge"}
COMMANDS = {
    "run": ("run", "vision2code", "--data", "data"),
    "tts": ("tts", "vision2code", "--data", "data", "--stages", 1),
    "pairs": ("pairs", "vision2code", "data/images", "--dataset", "ChartQA"),
    "tools": ("tools", "vision2code", "data/images", "--to", "latex"),
}


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture(scope="module")
def derender(tmp_path_factory):
    shell = make_shell(tmp_path_factory.mktemp("bench-asking"))
    shell.environment |= {**KEYS, "NO_PROXY": "*", "HTTPS_PROXY": "http://127.0.0.1:9"}
    write_package(shell.folder)
    return shell


@pytest.fixture
def endpoint(derender):
    server = Painter(derender.folder)
    yield server
    server.shutdown()
    server.server_close()


def _content(path):
    """What a file says; Inspect's logs are packed."""
    if path.suffix != ".eval":
        return path.read_text("utf-8", "replace")
    from inspect_ai.log import read_eval_log

    return read_eval_log(str(path)).model_dump_json()


@pytest.mark.parametrize("command", ["run", "tts"])
def test_a_judge_has_its_own_place_key_and_fields_and_both_are_checked_first(derender, endpoint, command):
    if command == "run":
        pytest.importorskip("inspect_ai")
    # Where the model's endpoint is, nobody judges.
    derender.environment |= {"OPENAI_BASE_URL": endpoint.url, "RATER_BASE_URL": f"{endpoint.url}/"}
    fields = ("--extra-body", '{"top_k": 1}', "--judge-extra-body", '{"top_k": 2}')
    asked = (*COMMANDS[command], "--num-samples", 1, "-m", "openai/painter", "--judge", "openai/eyes", *fields)
    done = derender("bench", *asked, "-o", command, "--no-cache")
    assert done.code == 0, done.err
    assert [(body["model"], body["top_k"]) for body in endpoint.bodies] == [
        ("painter", 1),
        ("eyes", 2),
        ("painter", 1),
        ("eyes", 2),
    ]
    assert "first square" in str(endpoint.bodies[0]) and "first square" in str(endpoint.bodies[1])
    assert endpoint.keys == {"painter": {"Bearer sk-of-the-model"}, "eyes": {"Bearer sk-of-the-judge"}}
    files = [path for path in (derender.folder / command).rglob("*") if path.is_file()]
    assert not any(key in _content(path) for path in files for key in KEYS.values())


@pytest.mark.parametrize("command", ["tts", "pairs"])
def test_an_endpoint_that_is_down_is_one_sentence_before_anything_is_asked(derender, endpoint, command):
    endpoint.server_close()
    done = derender("bench", *COMMANDS[command], "-m", "openai/painter", "--base-url", endpoint.url, "-o", "down")
    assert (done.code, done.out) == (2, "")
    assert "the model painter can't be used" in done.err and "can't be reached" in done.err
    assert not any(key in done.err for key in KEYS.values())
    assert not (derender.folder / "down").exists()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--judge-url", "http://127.0.0.1:1/v1"), "--judge-url is about a judge: name it by --judge"),
        (("--judge-extra-body", "{}"), "--judge-extra-body is about a judge: name it by --judge"),
        (("--extra-body", "[1]"), "must be a JSON object, not '[1]'"),
        (("--extra-body", '{"model": "another"}'), "the request's model can't be set"),
    ],
)
def test_what_can_not_be_meant_is_one_sentence_and_nothing_is_written(derender, command, arguments, said):
    if command == "run":
        pytest.importorskip("inspect_ai")
    done = derender("bench", *COMMANDS[command], "-m", "openai/painter", *arguments, "-o", "wrong")
    assert (done.code, done.out) == (2, "") and said in done.err and done.err.count("\n") == 1
    assert not (derender.folder / "wrong").exists()
