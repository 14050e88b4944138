"""A fingerprint names all that can change a pixel, and nothing that can't."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from derender.core import Language, Program
from derender.render import RenderOptions, machine
from derender.render.cache import rendering_key
from derender.render.environments import Environment
from derender.render.fonts import digest_of
from derender.render.languages import renderers
from derender.render.languages.python import PythonRenderer
from derender.render.workers import worker_environment

CHART = Program("import matplotlib.pyplot as plt\nplt.plot([1, 2])", Language.PYTHON)
LANGUAGES = (Language.PYTHON, Language.SVG, Language.HTML)


def key(program=CHART):
    renderer = renderers()[program.language]
    return rendering_key(program, RenderOptions(), renderer.fingerprint(program, RenderOptions()))


@pytest.fixture
def fonts(tmp_path):
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "a.ttf").write_bytes(b"\0\1\0\0" + bytes(64))
    return folder


@pytest.fixture
def settings(tmp_path):
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "50-own.conf").write_text("<fontconfig/>")
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_in_words_what_draws(language):
    program = Program("x", language)
    facts = renderers()[language].fingerprint(program, RenderOptions())
    assert {"renderer", "fonts", "processor", "libraries", "settings"} < set(facts)
    assert facts["processor"].startswith(os.uname().machine)
    assert "SOURCE_DATE_EPOCH=1704067200" in facts["settings"]
    assert all(isinstance(value, str) and value for value in facts.values())


def test_our_own_code_counts_and_nothing_beside_it(tmp_path):
    def written(name, text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        machine.code.cache_clear()
        return machine.code(tmp_path)

    first = written("worker/draws.py", "1")
    assert written("worker/draws.py", "2") != first
    assert written("worker/draws.py", "1") == written("notes.md", "1") == first
    assert written("worker/page.js", "1") != first


def test_a_chart_names_its_interpreter_and_build():
    facts = renderers()[Language.PYTHON].fingerprint(CHART, RenderOptions())
    assert "python 3." in facts["environment"]
    assert facts["build"] != "unknown"


@pytest.mark.parametrize("fact", ["derender", "processor", "libraries", "settings"])
def test_another_machine_has_another_key(monkeypatch, fact):
    here = {name: key(Program("x", name)) for name in LANGUAGES}
    for module in ("python", "svg", "html"):
        name = f"derender.render.languages.{module}.machine_facts"
        monkeypatch.setattr(name, lambda: {**machine.machine_facts(), fact: "another"})
    assert all(key(Program("x", name)) != here[name] for name in LANGUAGES)


def test_other_fonts_have_another_key(monkeypatch):
    here = {name: key(Program("x", name)) for name in LANGUAGES}
    for module in ("python", "svg", "html"):
        monkeypatch.setattr(f"derender.render.languages.{module}.fonts_fingerprint", lambda: "others")
    assert all(key(Program("x", name)) != here[name] for name in LANGUAGES)


def test_another_environment_has_another_fingerprint():
    default = Environment.default()
    another = replace(default, name="another")
    facts = [PythonRenderer(each).fingerprint(CHART, RenderOptions()) for each in (default, another)]
    assert facts[0]["environment"] != facts[1]["environment"]


def test_a_font_more_a_font_changed_or_a_setting_changed_shows(fonts, settings):
    seen = [digest_of([fonts], [settings])]
    (fonts / "b.otf").write_bytes(b"OTTO" + bytes(64))
    seen.append(digest_of([fonts], [settings]))
    (fonts / "a.ttf").write_bytes(b"\0\1\0\0" + bytes(63) + b"\1")
    seen.append(digest_of([fonts], [settings]))
    (settings / "50-own.conf").write_text("<fontconfig></fontconfig>")
    seen.append(digest_of([fonts], [settings]))
    assert len(set(seen)) == 4
    assert seen[1].startswith("2 files")


def test_where_fonts_lie_when_they_were_written_and_what_lies_beside_them_does_not_show(fonts, settings, tmp_path):
    before = digest_of([fonts], [settings])
    os.utime(fonts / "a.ttf", (1, 1))
    (fonts / "README").write_text("no font")
    (fonts / "gone.ttf").symlink_to(tmp_path / "nowhere")
    fonts.rename(tmp_path / "elsewhere")
    assert digest_of([tmp_path / "elsewhere"], [settings]) == before


def test_who_asks_from_where_does_not_show(monkeypatch, tmp_path):
    before = key()
    for name in ("HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "TZ", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    machine.settings.cache_clear()
    assert key() == before


def test_folders_do_not_show_in_the_settings_of_workers():
    shown = machine.settings()
    environment = worker_environment(Path("/here"), Path("/there"))
    assert "MPLCONFIGDIR" in environment
    assert "MPLCONFIGDIR" not in shown
    assert "HOME" not in shown
    assert "PYTHONHASHSEED=0" in shown


def test_where_an_interpreter_lies_does_not_show_in_its_build(tmp_path):
    builds = set()
    for name in ("here", "elsewhere"):
        folder = tmp_path / name / "lib" / "python3.11"
        folder.mkdir(parents=True)
        text = f"build_time_vars = {{'CC': 'gcc', 'prefix': '{tmp_path / name}'}}"
        (folder / "_sysconfigdata__linux_x86_64-linux-gnu.py").write_text(text)
        builds.add(machine.build((tmp_path / name,)))
    assert len(builds) == 1
    assert builds.pop().startswith("linux_x86_64-linux-gnu ")


def test_what_only_some_cores_can_is_not_counted_on():
    both = "processor: 0\nflags\t\t: fpu avx2 fma avx512f\nprocessor: 1\nflags\t\t: fpu avx2 fma\n"
    assert machine.features_among(both) == ["avx2", "fma"]
    assert machine.features_among("Features\t: fp asimd sve") == ["asimd", "sve"]
