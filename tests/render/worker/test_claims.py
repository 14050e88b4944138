"""What a program claims is not believed: it can write its journal itself."""

import pytest

FORGE = """
import json, os, zlib
out = os.path.join(os.path.dirname(os.getcwd()), '.derender')
def claim(**entry):
    with open(f'{out}/journal', 'a') as file: file.write(json.dumps(entry) + '\\n')
def picture(stream=zlib.compress(bytes(2 * 7)), **changes):
    with open(f'{out}/forged', 'wb') as file: file.write(stream)
    claim(**{'type': 'picture', 'key': 'k', 'file': 'forged', 'at': 1, 'rank': 'file', 'name': 'forged.png',
             'width': 2, 'height': 2, 'channels': 3, 'texts': ['w'], **changes})
"""


def forged(worker, code, **limits):
    return worker.run(FORGE + code + "\nos._exit(0)", **limits)


def test_an_honest_claim_is_taken(worker):
    result = forged(worker, "picture(); claim(type='end')")
    assert (result.failure, result.names, result.sizes, result.texts) == (None, ["forged.png"], [(2, 2)], ["w"])
    assert result.header["pictures"][0]["blank"] is True
    assert result.image().getpixel((1, 1)) == (0, 0, 0)


@pytest.mark.parametrize(
    "lie",
    [
        "picture(stream=b'')",
        "picture(stream=b'\\x89PNG')",
        "picture(stream=zlib.compress(bytes(1 << 26)))",
        "picture(width=3)",
        "picture(width=-2)",
        "picture(width='2')",
        "picture(width=True)",
        "picture(width=2.0)",
        "picture(channels=1)",
        "picture(file='../../etc/passwd')",
        "picture(file='/etc/passwd')",
        "picture(file='..')",
        "picture(file='stdout')",
        "picture(file=None)",
        "picture(file='no\\0thing')",
        "picture(name=7)",
        "picture(texts='word')",
        "picture(rank='best')",
        "picture(rank=[])",
        "picture(key={})",
        "os.symlink('/etc/passwd', f'{out}/link'); picture(file='link')",
        "os.symlink('forged', f'{out}/link'); picture(file='link')",
        "os.mkfifo(f'{out}/pipe'); picture(file='pipe')",
        "os.mkdir(f'{out}/folder'); picture(file='folder')",
        "claim(type='deferred', key='k', rank='file', name='x', file='forged', media='pickle')",
        "open(f'{out}/journal', 'wb').write(b'\\xff\\n[1]\\n{\\n' + b'[' * 100000 + b'\\n')",
        "os.mkdir(f'{out}/journal')",
        "os.mkfifo(f'{out}/journal')",
        "os.symlink('/dev/zero', f'{out}/journal')",
        "import shutil; shutil.rmtree(out)",
        "import shutil; shutil.rmtree(out); os.symlink('/etc', out)",
    ],
)
def test_a_lie_gives_no_picture_and_harms_nothing(worker, lie):
    result = forged(worker, lie + "; claim(type='end')" if "journal" not in lie and "rmtree" not in lie else lie)
    assert result.kind == "no_picture"
    assert result.blobs == []


def test_a_large_picture_is_too_large(worker):
    result = forged(worker, "picture(width=100000, height=100000); claim(type='end')")
    assert result.kind == "output_too_large"


@pytest.mark.parametrize("kind", ["starved", "worker_lost", "internal", "cancelled", "deadline", "nonsense", None, []])
def test_a_program_cannot_blame_us(worker, kind):
    code = f"picture(); claim(type='failure', kind={kind!r}, message='m', line=1, detail=''); claim(type='end')"
    assert forged(worker, code).failure is None


def test_names_are_made_harmless(worker):
    code = "picture(name='../../x\\n\\0y.png'); picture(name='a\\\\b\\\\..', key='2'); claim(type='end')"
    assert forged(worker, code).names == ["xy.png", "picture.png"]


def test_too_many_claims_are_cut(worker):
    result = forged(worker, "picture()\nfor n in range(3000): picture(key=str(n))\nclaim(type='end')")
    assert len(result.names) == 200


def test_a_failure_s_fields_are_cut_to_size(worker):
    code = "claim(type='failure', kind='runtime', message='m' * 10**6, line=-5, detail='d' * 10**6); claim(type='end')"
    failure = forged(worker, code).failure
    assert (len(failure["message"]), failure["line"], len(failure["detail"])) == (1000, None, 8000)
