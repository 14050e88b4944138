"""Python programs that lie: about whose fault it was, about pictures, in the protocol's own words and in files."""

import re
from collections import Counter
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "python"
FORGE = {"forge.py": (PROGRAMS / "forge.py").read_bytes()}
QUICK = {"wall_s": 6, "cpu_s": 6, "output_mb": 64}
OURS = ("worker_lost", "renderer_absent", "isolation", "starved", "disk_full", "cancelled", "internal")


def forged(arena, code, **more):
    return arena.attack(f"from forge import *\n{code}\n", assets=FORGE, **{**QUICK, **more})


def filed(arena, name, **limits):
    return arena.attack((PROGRAMS / f"{name}.py").read_text(), assets=FORGE, **{**QUICK, **limits})


def test_a_forged_claim_does_arrive(arena):
    outcome = forged(arena, "picture(); leave()")
    assert (outcome.kind, outcome.texts, outcome.harm) == (None, ["forged"], [])


@pytest.mark.parametrize("kind", OURS)
def test_our_faults_cannot_be_claimed(arena, kind):
    outcome = forged(arena, f"claim(type='failure', kind='{kind}', message='m', line=1, detail=''); leave()")
    assert outcome.kind == "no_picture"
    assert outcome.harm == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing_dependency", "raise ModuleNotFoundError(\"No module named 'numpy'\", name='numpy')"),
        ("missing_dependency", "import numpy.no_such_part"),
        ("missing_dependency", "import sys; sys.path.clear(); del sys.modules['colorsys']; import scipy.linalg"),
        (
            "missing_dependency",
            "claim(type='failure', kind='missing_dependency', message=\"No module named 'pandas'\"); leave()",
        ),
        ("runtime", "raise ImportError('cannot import name x from pandas')"),
        ("output_too_large", "raise OSError(28, 'No space left on device')"),
        ("memory", "raise OSError(12, 'Cannot allocate memory')"),
        ("runtime", "raise BrokenPipeError('the worker was lost')"),
        ("runtime", "raise KeyboardInterrupt"),
        ("runtime", "raise SystemExit('worker_lost')"),
        ("runtime", "raise type('WorkerLost', (Exception,), {'__module__': 'derender.render.jobs'})('ours')"),
        ("runtime", "raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})()"),
        ("runtime", "raise type('E', (BaseException,), {'__str__': lambda self: '\\udcff' * 10**7})()"),
        ("runtime", "os._exit(70)"),
        ("runtime", "os._exit(1)"),
        ("no_picture", "os.write(1, frame({'failure': {'kind': 'starved', 'message': ''}, 'pictures': []}))"),
        ("no_picture", "os.write(2, frame({'status': 'ok', 'pictures': [], 'blobs': [1 << 40]}, 0xFFFFFFFF))"),
        ("no_picture", "os.write(2, frame({'hello': 'python', 'error': 'none', 'failure': 'isolation'})[:9])"),
        ("no_picture", "import socket, shutil; shutil.rmtree(OUT); os._exit(0)"),
        ("no_picture", "claim(type='end'); os.chmod(OUT, 0); os._exit(0)"),
    ],
)  # fmt: skip
def test_whatever_is_raised_is_the_programs_own_fault(arena, kind, code):
    outcome = forged(arena, code)
    assert outcome.kind == kind, outcome
    assert outcome.harm == []


@pytest.fixture(scope="module")
def drawn_before(arena):
    """Honest figures of each kind, so that their browser is at rest when lies are told."""
    for content, media in (('{"data": []}', "plotly"), ('{"mark": "point", "data": {"values": []}}', "vegalite")):
        forged(arena, f"later('{content}', media='{media}'); leave()", wall_s=30, settles_s=0)


@pytest.mark.parametrize(
    "lie",
    [
        "later('no json', media='plotly')",
        "later('{}', media='plotly')",
        'later(\'{"data": [{"type": "nothing"}], "layout": {"width": -5, "height": 1e99}}\', media=\'plotly\')',
        "later('{\"data\": []}', media='plotly', width=1 << 20, height=1 << 20, scale=20)",
        "later('no json', media='vegalite')",
        'later(\'{"mark": "nothing", "data": {"url": "file:///etc/passwd"}}\', media=\'vegalite\')',
        "later('{' * 100000, media='vegalite')",
        "later('<svg', media='svg')",
        'later(\'<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>\', media=\'svg\')',
        "later('', media='svg')",
    ],
)
@pytest.mark.usefixtures("drawn_before")
def test_what_another_worker_is_to_draw_is_the_programs_fault_too(arena, lie):
    outcome = forged(arena, f"{lie}; leave()")
    assert outcome.kind is not None or outcome.pictures
    assert _but_replaced(outcome.harm) == []


def _but_replaced(harm):
    """Without the processes of a worker that a lie has spoilt, where just such ones have taken their place."""
    starts = ("processes: new: ", "processes: gone: ")
    new, gone = (
        Counter(re.sub(r"\d+", "", each.removeprefix(start)) for each in harm if each.startswith(start))
        for start in starts
    )
    return [each for each in harm if not each.startswith(starts)] if new == gone else harm


@pytest.mark.parametrize(
    "lie",
    [
        "picture(file='@@reference@@')",
        "picture(file='../../../../../../@@reference@@')",
        "os.symlink('@@reference@@', f'{OUT}/link'); picture(file='link', width=64, height=48)",
        "os.symlink('/proc/self/environ', f'{OUT}/link'); later('', file='link', media='svg')",
        "os.symlink('/', f'{OUT}/way'); picture(file='way')",
        "os.mkfifo(f'{OUT}/pipe'); picture(file='pipe')",
        "picture(width=1 << 16, height=1 << 16)",
        "picture(stream=zlib.compress(bytes(1 << 28)), width=2, height=2)",
        "picture(stream=zlib.compress(bytes(1 << 28)), width=16384, height=4096)",
    ],
)
def test_a_claim_on_anothers_picture_gives_none(arena, lie):
    outcome = forged(arena, f"{lie}; leave()")
    assert outcome.kind in {"no_picture", "output_too_large"}
    assert outcome.pictures == []
    assert outcome.harm == []


@pytest.mark.parametrize(
    ("program", "kinds"),
    [
        ("picture_changes_while_read", {None, "no_picture", "output_too_large", "runtime"}),
        ("pictures_that_are_none", {"no_picture", "output_too_large"}),
        ("pictures_behind_bars", {None, "no_picture", "runtime"}),
        ("journal_of_garbage", {"no_picture"}),
        ("fills_the_journals_place", {"output_too_large", "no_picture"}),
        ("takes_the_journal_away", {"policy", "no_picture", "runtime", "missing_dependency"}),
    ],
)
def test_files_that_are_not_what_they_seem(arena, program, kinds):
    outcome = filed(arena, program)
    assert outcome.kind in kinds, outcome
    assert outcome.harm == []


def test_names_that_are_none_are_made_harmless(arena):
    outcome = filed(arena, "pictures_with_names")
    assert outcome.kind is None, outcome
    assert outcome.harm == []
    names = [picture["name"] for picture in outcome.pictures]
    assert len(names) == len(set(names)) >= 7
    for name in names:
        assert name.isprintable()
        assert len(name.encode()) < 256
        assert not set(name) & set("/\\\0\n\r\x1b\u202e\u200b")
        assert name.strip(".")
