"""Environments: built whole or not at all, part of what a rendering is known by, and old programs run in them."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derender.core import DerenderError, FailureKind, InfraError, Program, UnknownName, UserError
from derender.render import Engine, Limits, RenderOptions
from derender.render.environments import Environment, build, definition_of, find, installers, interpreters, shelved
from derender.render.environments.environment import content_of, editable_packages
from derender.render.workers import worker_environment

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))
from wheels import write_environment, write_wheel  # noqa: E402 - beside the tests' folders

OLD = sorted((TESTS / "programs" / "old").glob("*.py"))
IN_2024 = RenderOptions(environment="py2024")
ADVICE = "(runs in the environment py2024: --environment py2024)"


def built_or_skip(name: str) -> Environment:
    """Built by ``make test``; now where that was left out, which takes a network."""
    try:
        return build(definition_of(name), print)
    except DerenderError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def py2024():
    return built_or_skip("py2024")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder with nothing in it."""
    monkeypatch.setenv("DERENDER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def python(source: str, **more: str) -> Program:
    return Program(textwrap.dedent(source), "python", **more)


def builds(home: Path, name: str) -> list[Path]:
    return [folder for folder in (home / "environments" / name).iterdir() if folder.is_dir()]


# What programs of their time give


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_an_old_program_runs_in_its_time_and_says_so_in_ours(engine, py2024, path):
    program = Program.from_file(path)
    assert engine.render(program, IN_2024).failure is None
    failure = engine.render(program).failure
    assert failure.kind is FailureKind.RUNTIME
    assert failure.message.endswith(ADVICE)
    assert failure.line


@pytest.mark.parametrize("name", ["py2024", "vision2code"])
@pytest.mark.parametrize("program", ["helix_3d.py", "to_pdf.py", "radar.py", "pandas_subplots.py", "cjk_labels.py"])
def test_every_kind_of_chart_is_drawn(engine, name, program):
    built_or_skip(name)
    rendering = engine.render(Program.from_file(TESTS / "programs" / program), RenderOptions(environment=name))
    assert rendering.failure is None
    assert not rendering.picture.blank


@pytest.mark.parametrize("name", ["py2024", "vision2code"])
def test_pixels_are_those_of_a_plain_run_of_the_same_interpreter(engine, tmp_path, name):
    source = """\
        import matplotlib.pyplot as plt
        fig, axes = plt.subplots(1, 2, figsize=(7, 3))
        axes[0].plot([1, 3, 2], label=r"$\\alpha_i$ Ünïcödé")
        axes[0].legend(title="legend")
        axes[1].imshow([[1, 2], [3, 4]])
        axes[1].set_title("two\\nlines", rotation=5)
        fig.tight_layout()
        plt.savefig("out.png", dpi=90)
    """
    (tmp_path / "plain.py").write_text(textwrap.dedent(source))
    environment = worker_environment(tmp_path, tmp_path)
    subprocess.run([built_or_skip(name).python, "plain.py"], cwd=tmp_path, env=environment, check=True)
    plain = np.asarray(Image.open(tmp_path / "out.png").convert("RGBA"))
    ours = np.asarray(engine.render(python(source), RenderOptions(environment=name)).image().convert("RGBA"))
    assert np.array_equal(plain, ours)


OLD_PLOTLY = """\
import plotly.io
shown = {{"type": "filter", "target": "y", "operation": ">", "value": {least}}}
bars = {{"type": "bar", "x": ["a", "b"], "y": [2, 3], "transforms": [shown]}}
plotly.io.show({{"data": [bars], "layout": {{"width": 400, "height": 300}}}}, validate=False)
"""
"""Later releases of its script draw every bar: they know no transforms."""


def test_figures_of_an_old_plotly_are_drawn_by_its_own_script(engine, py2024):
    both, one = (engine.render(python(OLD_PLOTLY.format(least=least)), IN_2024) for least in (0, 2))
    assert both.image().size == (400, 300)
    assert both.picture.png != one.picture.png
    assert py2024.plotly_script.is_relative_to(py2024.python.parent.parent)


def test_a_clock_that_a_class_keeps_is_not_taken_for_its_method(engine):
    source = "import time\nclass Timer:\n    now = time.perf_counter\n    wait = time.sleep\n"
    rendering = engine.render(python(source + "Timer().now()\nTimer().wait(0)\n"))
    assert rendering.failure.kind is FailureKind.NO_PICTURE


# Who decides, and what renderings are known by


def versions(rendering) -> str:
    return " ".join(rendering.picture.texts)


def test_the_options_win_over_the_program_and_the_program_over_the_default(engine, py2024):
    source = """\
        import matplotlib
        import matplotlib.pyplot as plt
        plt.title(matplotlib.__version__)
        plt.show()
    """
    plain, asking = python(source), python(source, environment="py2024")
    assert "3.8.4" not in versions(engine.render(plain))
    assert "3.8.4" in versions(engine.render(asking))
    assert "3.8.4" in versions(engine.render(plain, IN_2024))
    assert "3.8.4" not in versions(engine.render(asking, RenderOptions(environment="default")))


def test_the_same_pixels_have_the_same_key_whoever_named_the_environment(py2024, tmp_path):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"
    with Engine(jobs=1, cache=tmp_path) as engine:
        assert not engine.render(python(source, environment="py2024")).cached
        again = engine.render(python(source), IN_2024)
        assert again.cached
        assert "py2024" in again.fingerprint["environment"]
        assert not engine.render(python(source)).cached
        assert engine.render(python(source, environment="default")).cached


def test_a_program_without_a_wish_keeps_the_key_it_had():
    program = Program("x = 1\n", "python", {"a.csv": b"1,2"})
    assert program.key == "124bcdf7c55057b3fda0be797c197c4ee6ae2ca24d8c15f3b04a5c30b0344c52"
    asking = program.in_environment("py2024")
    assert asking.key != program.key
    assert asking.in_environment(None) == program


def test_an_unknown_environment_is_the_callers_mistake(engine):
    with pytest.raises(UnknownName, match="default, py2024, vision2code"):
        engine.render(python("x = 1"), RenderOptions(environment="py1987"))
    with pytest.raises(UnknownName, match="py1987"):
        engine.render(python("x = 1", environment="py1987"))
    for escape in ("../default", "/etc", "..", "."):
        with pytest.raises(UnknownName):
            find(escape)


def test_one_that_is_not_built_is_our_failure_and_says_what_builds_it(engine, home):
    failure = engine.render(python("x = 1", environment="py2024")).failure
    assert failure.kind is FailureKind.RENDERER_ABSENT
    assert failure.ours
    assert "derender setup env:py2024" in failure.message


def test_languages_without_environments_pass_over_the_wish(engine, home):
    icon = Program("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "svg", environment="py2024")
    assert engine.render(icon).failure is None


def test_a_part_that_a_promised_package_lacks_is_the_programs_fault(engine):
    failure = engine.render(python("import matplotlib.surely_no_such_part\n")).failure
    assert failure.kind is FailureKind.MISSING_DEPENDENCY
    assert not failure.ours


# Advice


def test_advice_comes_with_the_environment_and_not_from_what_is_remembered(py2024, tmp_path, monkeypatch):
    program = python(
        "import numpy as np\nnp.trapz([1, 2])\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\n"
    )
    cache = tmp_path / "cache"
    with Engine(jobs=1, cache=cache) as engine:
        monkeypatch.setenv("DERENDER_HOME", str(tmp_path / "nothing built here"))
        before = engine.render(program)
        monkeypatch.delenv("DERENDER_HOME")
        after = engine.render(program)
    assert not before.failure.message.endswith(ADVICE)
    assert after.cached
    assert after.failure.message == f"{before.failure.message} {ADVICE}"
    with Engine(jobs=1, cache=cache, advice=False) as silent:
        assert silent.render(program).failure == before.failure
    with Engine(jobs=1, cache=cache) as engine:
        assert engine.render(program).failure == after.failure
        assert engine.render(program, IN_2024).cached


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.no_such_function_at_any_time()\n",
        "None.nothing\n",
        "1 / 0\n",
        "import surely_not_a_module\n",
        "import numpy as np\nnp.trapz([1, 2])\nwhile True: pass\n",
    ],
)
def test_what_runs_nowhere_gets_no_advice(engine, py2024, source):
    failure = engine.render(python(source), RenderOptions(limits=Limits(cpu_s=2))).failure
    assert "py2024" not in failure.message


def test_only_failures_that_smell_of_age_are_tried_again(engine, py2024, monkeypatch):
    runs = []
    real = engine._run
    monkeypatch.setattr(engine, "_run", lambda renderer, *rest: (runs.append(renderer), real(renderer, *rest))[1])
    for source in ("{}['a']\n", "None.x\n", "undefined\n", "x = (\n", "open('absent.csv')\n", "raise ValueError(3)\n"):
        engine.render(python(source))
    assert len(runs) == 6
    engine.render(python("import numpy\nnumpy.absent\n"))
    assert len(runs) == 8


# A user's own


def test_a_folder_becomes_an_environment_of_its_name(engine, home, tmp_path):
    folder = write_environment(tmp_path / "mine", about='about = "my own"\npromises = ["tiny", "surely_not_there"]\n')
    build(definition_of(str(folder)), print)
    assert shelved()["mine"].about == "my own"
    options = RenderOptions(environment="mine")
    assert "first" in engine.render(python("import tiny\nraise ValueError(tiny.WORD)\n"), options).failure.message
    broken_promise = engine.render(python("import surely_not_there\n"), options).failure
    assert broken_promise.kind is FailureKind.RENDERER_ABSENT
    theirs = engine.render(python("import matplotlib\n"), options).failure
    assert theirs.kind is FailureKind.MISSING_DEPENDENCY
    (built,) = builds(home, "mine")
    assert (built / "lock.txt").read_text().startswith("tiny-1.0 ")


def test_what_changed_is_built_anew_and_what_did_not_is_not(home, tmp_path):
    folder = write_environment(tmp_path / "mine")
    first = build(definition_of(str(folder)), print).fingerprint()
    told: list[str] = []
    assert build(definition_of("mine"), told.append).fingerprint() == first
    assert not told
    # The same name and version, another content: as installs from a repository or a folder are.
    write_wheel(folder, "1.0", "second")
    second = build(definition_of(str(folder)), told.append).fingerprint()
    assert told
    assert second != first
    assert find("mine").environment().fingerprint() == second
    assert len(builds(home, "mine")) == 2


def test_the_fingerprint_is_of_the_content_not_of_its_place_or_installer(tmp_path, monkeypatch):
    folder = write_environment(tmp_path / "mine")
    found = set()
    for number, uv in enumerate([installers.find_uv, installers.find_uv, lambda: None]):
        if uv() is None and not _has_pip():
            continue
        monkeypatch.setenv("DERENDER_HOME", str(tmp_path / f"home {number}"))
        monkeypatch.setattr(installers, "find_uv", uv)
        found.add(build(definition_of(str(folder)), print).fingerprint())
    assert len(found) == 1


def _has_pip() -> bool:
    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def test_links_to_folders_outside_are_seen(home, tmp_path):
    folder = write_environment(tmp_path / "mine")
    python_of_it = build(definition_of(str(folder)), print).python
    content = content_of(python_of_it)
    assert editable_packages(python_of_it) == ()
    (info,) = python_of_it.parent.parent.glob("lib/python3*/site-packages/tiny-1.0.dist-info")
    (info / "direct_url.json").write_text(json.dumps({"url": "file:///x", "dir_info": {"editable": True}}))
    assert editable_packages(python_of_it) == ("tiny-1.0",)
    assert content_of(python_of_it) == content


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ('name = "default"', "the name default is taken"),
        ('name = "py2024"', "the name py2024 is taken"),
        ('name = "../x"', "can't name an environment"),
        ('python = ["2.7"]', "python must list some of 3.11"),
        ('python = "3.11"', "must be a list of texts"),
        ('colour = "red"', "unknown setting colour"),
        ("about =", "can't be read"),
    ],
)
def test_a_folder_that_makes_no_sense_is_the_users_mistake(home, tmp_path, about, message):
    folder = write_environment(tmp_path / "mine", about=about)
    with pytest.raises(UserError, match=message):
        definition_of(str(folder))


def test_a_folder_without_requirements_and_a_name_nobody_knows(home, tmp_path):
    with pytest.raises(UserError, match=r"must hold a requirements\.txt"):
        definition_of(str(tmp_path))
    with pytest.raises(UserError, match="no such folder"):
        definition_of(f"{tmp_path}/absent")
    with pytest.raises(UnknownName):
        definition_of("absent")
    with pytest.raises(UserError, match="nothing to build"):
        definition_of("default")


# Building


def in_process(code: str, folder: Path, home: Path) -> "subprocess.Popen[str]":
    """Build a folder's environment in a process of its own, once some code has run there."""
    script = f"""\
        import os, signal, sys, subprocess
        from derender.render.environments import build, definition_of, installers
        {code}
        print(build(definition_of({str(folder)!r}), lambda line: print(line, flush=True)).fingerprint())
    """
    environment = {**os.environ, "DERENDER_HOME": str(home), "PYTHONPATH": str(TESTS.parent)}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_a_build_killed_in_the_midst_does_not_look_whole_and_the_next_one_mends_it(home, tmp_path):
    folder = write_environment(tmp_path / "mine")
    die = "installers.Installer._compile = lambda self: os.kill(os.getpid(), signal.SIGKILL)"
    killed = in_process(die, folder, home)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    (half,) = builds(home, "mine")
    assert list(half.glob("lib/python3*/site-packages/tiny.py"))
    with pytest.raises(UnknownName):
        find("mine")
    build(definition_of(str(folder)), print)
    assert find("mine").environment().python == half / "bin" / "python"


def test_what_a_killed_builder_has_started_still_holds_the_lock(home, tmp_path):
    folder = write_environment(tmp_path / "mine")
    began, gate = tmp_path / "began", tmp_path / "gate"
    os.mkfifo(began)
    os.mkfifo(gate)
    command = f"open({str(began)!r}, 'w').write('x'); open({str(gate)!r}).read()"
    hang = f"installers.Installer._compile = lambda self: self._run([sys.executable, '-c', {command!r}])"
    with open(os.open(began, os.O_RDONLY | os.O_NONBLOCK)) as signs:
        builder = in_process(hang, folder, home)
        assert select.select([signs], [], [], 100)[0]
    builder.kill()
    builder.wait()
    with open(home / "environments" / "mine" / "building.lock") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with open(gate, "w"):
        pass
    build(definition_of(str(folder)), print)
    assert find("mine").environment()
    builder.communicate()


def test_two_that_build_at_once_build_one(home, tmp_path):
    folder = write_environment(tmp_path / "mine")
    both = [in_process("pass", folder, home) for _ in range(2)]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len({output.splitlines()[-1] for output in outputs}) == 1
    assert sum("compiling" in output for output in outputs) == 1
    assert len(builds(home, "mine")) == 1


def test_without_a_network_there_is_one_sentence_and_nothing_half_built(home, tmp_path, monkeypatch):
    folder = write_environment(tmp_path / "mine")
    (folder / "requirements.txt").write_text("tiny-that-nobody-has==1.0\n")
    # Nobody listens on the discard port of this machine, so that every index is out of reach.
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    for name in ("PIP_RETRIES", "UV_HTTP_RETRIES"):
        monkeypatch.setenv(name, "0")
    with pytest.raises(InfraError, match="can't be fetched: no network"):
        build(definition_of(str(folder)), print)
    assert builds(home, "mine") == []
    assert "mine" not in shelved()


def test_an_interruption_leaves_nothing(home, tmp_path, monkeypatch):
    folder = write_environment(tmp_path / "mine")

    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(installers.Installer, "_compile", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build(definition_of(str(folder)), print)
    assert builds(home, "mine") == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    folder = write_environment(tmp_path / "mine")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DERENDER_HOME", str(tmp_path / "file"))
    with pytest.raises(InfraError, match="can't be written"):
        build(definition_of(str(folder)), print)


def test_an_environment_whose_interpreter_is_gone_is_not_built(home, tmp_path, engine):
    folder = write_environment(tmp_path / "mine")
    environment = build(definition_of(str(folder)), print)
    environment.python.unlink()
    environment.python.symlink_to(tmp_path / "uninstalled")
    failure = engine.render(python("x = 1", environment="mine")).failure
    assert failure.kind is FailureKind.RENDERER_ABSENT
    assert f"derender setup env:{folder}" in failure.message


def test_an_interpreter_of_another_version_is_looked_for(tmp_path, monkeypatch):
    mine = "{}.{}".format(*sys.version_info)
    assert interpreters.find_python(("3.10", mine), "x") == Path(sys.executable)
    monkeypatch.setattr(interpreters, "find_uv", lambda: None)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    # As pyenv's stand-ins are: they are there and don't run.
    for folder, text in (("first", "exit 127"), ("second", "echo 3.99")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "python3.99").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / folder / "python3.99").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/absent:{tmp_path}/first:{tmp_path}/second")
    assert interpreters.find_python(("3.99",), "x") == tmp_path / "second" / "python3.99"
    with pytest.raises(InfraError, match=r"the environment x needs Python 3\.98, derender runs on"):
        interpreters.find_python(("3.98",), "x")


def test_builders_in_threads_of_one_process_take_turns(home, tmp_path):
    folder = write_environment(tmp_path / "mine")
    told: list[str] = []
    threads = [threading.Thread(target=build, args=(definition_of(str(folder)), told.append)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("compiling" in line for line in told) == 1
    assert find("mine").environment()


# What derender brings


@pytest.mark.parametrize("name", ["py2024", "vision2code"])
def test_locks_hold_names_versions_and_hashes_alone(name):
    definition = definition_of(name)
    assert definition.locked
    wanted = (definition.folder / "requirements.txt").read_text().splitlines()
    lock = definition.requirements.read_text()
    assert "://" not in lock
    for line in wanted:
        assert line.startswith("#") or f"{line} \\" in lock
    for block in lock.replace("\\\n", "").splitlines():
        assert "==" in block
        assert "--hash=sha256:" in block


def test_every_promise_is_kept(py2024):
    assert py2024.missing_promises() == ()
    assert built_or_skip("vision2code").missing_promises() == ()
