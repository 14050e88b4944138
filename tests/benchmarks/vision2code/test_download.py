"""The real ``derender bench data --download``, by both clients, from a server on loopback."""

import io
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from derender.benchmarks.vision2code.download import Place, Wanted, download
from derender.core import Missing, UserError

from .hub import OWNER, running

pytestmark = pytest.mark.skipif(
    not (find_spec("kagglehub") and find_spec("huggingface_hub")), reason="the extra bench is not installed"
)
SOURCES = [("kaggle",), ("hf", "--handle", OWNER)]
both = pytest.mark.parametrize("source", SOURCES, ids=["kaggle", "hf"])


@pytest.fixture
def hub(package):
    folder = package.folder
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    with running(files) as server:
        yield server


@dataclass
class Fetch:
    """Runs the command where nobody's credentials lie."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, source, *more, **variables):
        own = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "KAGGLE"))}
        home = {"HOME": str(self.folder), "PYTHONPATH": str(Path(__file__).parents[3]), "COLUMNS": "100"}
        command = (sys.executable, "-m", "derender", "bench", "data", "vision2code", "--download", "data", "--small")
        done = subprocess.run(
            [*command, "--source", *source, *more],
            cwd=self.folder,
            env={**own, **home, **self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done


@pytest.fixture
def fetch(tmp_path_factory, hub):
    return Fetch(tmp_path_factory.mktemp("fetch"), hub.environment)


def left(fetch):
    """What lies in the folder, caches of the programs' own aside."""
    return sorted(path.name for path in fetch.folder.iterdir() if not path.name.startswith("."))


@both
def test_a_package_arrives_whole_is_checked_and_its_terms_are_told_before(fetch, hub, source):
    done = fetch(source)
    assert done.returncode == 0, done.stderr
    assert left(fetch) == ["data"]
    found = {
        str(path.relative_to(fetch.folder / "data")): path.read_bytes()
        for path in (fetch.folder / "data").rglob("*")
        if path.is_file()
    }
    assert found == hub.files
    assert done.stdout.splitlines()[-1] == "✓ 5 samples, as they say"
    assert "cc-by-nc-4.0, not for commercial use: Graph-Algorithms, Physics, dvqa" in done.stderr
    again = fetch(source)
    assert again.returncode == 2 and "data: there is something in it" in again.stderr


@both
def test_a_download_that_broke_off_goes_on_where_it_was(fetch, hub, source):
    hub.files["notes.bin"] = bytes(range(256)) * 20_000
    hub.cuts = 100
    done = fetch(source)
    assert done.returncode == 1
    assert "broke off" in done.stderr and "the same command goes on from there" in done.stderr
    assert left(fetch) == ["data.partial"]
    nobody = "http://127.0.0.1:9"
    done = fetch(source, HF_ENDPOINT=nobody, http_proxy=nobody, HTTP_PROXY=nobody)
    assert done.returncode == 1 and left(fetch) == ["data.partial"], done.stderr
    hub.cuts = 0
    hub.asked.clear()
    done = fetch(source)
    assert done.returncode == 0, done.stderr
    assert left(fetch) == ["data"]
    assert (fetch.folder / "data/notes.bin").read_bytes() == hub.files["notes.bin"]
    got = [(path.rpartition("/")[2], each) for method, path, each in hub.asked if method == "GET"]
    if source[0] == "kaggle":
        # The rest of the one archive.
        assert got[-1][0] == "archive.zip" and got[-1][1] not in {None, "bytes=0-"}
    else:
        assert {name for name, _ in got} & {name.rpartition("/")[2] for name in hub.files} == {"notes.bin"}


def test_what_came_of_another_state_is_not_mixed_in(fetch, hub):
    hub.files |= {"gone.txt": b"old", "notes.bin": bytes(range(256)) * 20_000}
    hub.cuts = 100
    assert fetch(SOURCES[1]).returncode == 1
    assert [*(fetch.folder / "data.partial").rglob("gone.txt")]
    del hub.files["gone.txt"]
    hub.cuts, hub.commit = 0, "beef" + 36 * "0"
    done = fetch(SOURCES[1])
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (fetch.folder / "data").rglob("*") if path.is_file()} == {
        name.rpartition("/")[2] for name in hub.files
    }
    assert left(fetch) == ["data"]


def test_an_archive_that_leads_out_of_its_folder_writes_nothing_there(fetch, hub):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../../../../../out.txt"))
    hub.no_archive = buffer.getvalue()
    done = fetch(("kaggle",))
    assert done.returncode == 1 and "what came is no archive" in done.stderr, done.stderr
    assert left(fetch) == []


@both
@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, 2, "KEYS"),
        (403, 2, "KEYS"),
        (404, 2, "shows no dataset vision2code/vision2code"),
        (500, 1, "answered 500"),
    ],
)
def test_a_refusal_is_one_sentence_and_leaves_nothing(fetch, hub, source, status, code, said):
    hub.status = status
    done = fetch(source)
    keys = "set KAGGLE_API_TOKEN, or KAGGLE_USERNAME" if source[0] == "kaggle" else "set HF_TOKEN, or run `hf auth"
    sentences = [line for line in done.stderr.splitlines() if line.startswith("derender: ")]
    assert (done.returncode, len(sentences)) == (code, 1), done.stderr
    assert said.replace("KEYS", keys) in sentences[0]
    assert left(fetch) == []


@both
def test_without_a_network_nothing_is_left(fetch, source):
    nobody = "http://127.0.0.1:9"
    done = fetch(source, HF_ENDPOINT=nobody, http_proxy=nobody, HTTP_PROXY=nobody)
    assert done.returncode == 1 and "can't be reached" in done.stderr, done.stderr
    assert left(fetch) == []


def test_a_damaged_archive_is_thrown_away(fetch, hub):
    hub.damaged = True
    done = fetch(("kaggle",))
    assert done.returncode == 1 and "its checksum differs" in done.stderr
    hub.damaged = False
    assert fetch(("kaggle",)).returncode == 0


def test_what_is_no_archive_is_thrown_away_and_odd_credentials_are_named(fetch, hub):
    hub.no_archive = b"<html>"
    done = fetch(("kaggle",))
    assert done.returncode == 1 and "what came is no archive" in done.stderr, done.stderr
    assert left(fetch) == []
    keys = fetch.folder / "keys"
    keys.mkdir()
    (keys / "kaggle.json").write_text("{")
    done = fetch(("kaggle",), KAGGLE_CONFIG_DIR=str(keys))
    assert done.returncode == 2 and "Invalid Kaggle credentials file" in done.stderr, done.stderr


@pytest.mark.parametrize(("place", "client"), [(Place.KAGGLE, "kagglehub"), (Place.HF, "huggingface_hub")])
def test_a_client_that_is_not_installed_names_the_extra(tmp_path, monkeypatch, place, client):
    monkeypatch.setitem(sys.modules, client, None)
    with pytest.raises(Missing, match=rf"{client} is not installed: run `pip install 'derender\[bench\]'`"):
        download(Wanted.of(place, OWNER), tmp_path / "data")
    assert [*tmp_path.iterdir()] == []


@both
def test_a_picture_that_is_another_is_named(fetch, hub, source):
    name = next(name for name in hub.files if name.endswith(".png"))
    hub.files[name] += b"more"
    done = fetch(source)
    assert done.returncode == 1
    assert f"its SHA-256 is another: {name}" in done.stdout
    assert left(fetch) == ["data"]


def test_credentials_are_sent_and_a_folder_around_the_package_is_taken_off(fetch, hub):
    hub.files = {f"vision2code/{name}": content for name, content in hub.files.items()}
    done = fetch(("kaggle",), KAGGLE_USERNAME="me", KAGGLE_KEY="mine")
    assert done.returncode == 0, done.stderr
    assert (fetch.folder / "data/manifest.csv").is_file()
    assert any(key and key.startswith("Basic") for key in hub.keys)
    done = Fetch(fetch.folder / "data", hub.environment)(("hf", "--handle", OWNER), HF_TOKEN="hf_secret")
    assert "Bearer hf_secret" in hub.keys and "hf_secret" not in done.stderr


def test_a_revision_is_asked_for_and_one_that_is_not_there_is_said(fetch, hub):
    assert fetch(("kaggle", "--revision", "2")).returncode == 0
    assert not any(path.endswith("GetDataset") for _, path, _ in hub.asked)
    other = Fetch(fetch.folder / "data", hub.environment)
    done = other(("hf", "--handle", OWNER, "--revision", "nope"))
    assert done.returncode == 2 and "has no revision 'nope'" in done.stderr


@pytest.mark.parametrize(
    ("place", "handle", "revision", "said"),
    [
        (Place.HF, None, None, "nobody published it on Hugging Face"),
        (Place.HF, "../x", None, "like OWNER/NAME"),
        (Place.KAGGLE, "a/b/c", None, "like OWNER/NAME"),
        (Place.KAGGLE, None, "main", "numbers its versions"),
    ],
)
def test_names_that_cannot_be(place, handle, revision, said):
    with pytest.raises(UserError, match=said):
        Wanted.of(place, handle, revision)
