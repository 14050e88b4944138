"""The offline network: read without PyTorch, run without PyTorch, and not taken in by blank pages."""

import io
import pickle
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from derender.metrics import score
from derender.metrics._checkpoint import BadCheckpoint, read_checkpoint
from derender.metrics._lite0 import BLOCKS, SIDE
from derender.metrics.efficientnet import WEIGHTS, EfficientNetLite0, lite0

from .tiny_models import picture

CHECKPOINT = WEIGHTS.find()


def likeness(reference, candidate):
    return score(reference, candidate, ["efficientnet"]).scores["efficientnet"]["cosine"]


def test_the_checkpoint_is_read_as_pytorch_reads_it():
    torch = pytest.importorskip("torch")

    mine, theirs = read_checkpoint(CHECKPOINT), torch.load(CHECKPOINT, weights_only=True)
    assert mine.keys() == theirs.keys()
    assert all(np.array_equal(mine[name], theirs[name].numpy()) for name in theirs)


def by_pytorch(prepared):
    """The network by its definition, layer by layer, and its four outputs."""
    torch = pytest.importorskip("torch")

    state = torch.load(CHECKPOINT, weights_only=True)
    functional = torch.nn.functional

    def layer(given, convolution, norm, stride, *, bounded=True):
        weight = state[f"{convolution}.weight"]
        kernel = weight.shape[-1]
        spare = max(kernel - stride, 0)
        padded = functional.pad(given, [spare // 2, spare - spare // 2] * 2)
        groups = len(weight) if weight.shape[1] == 1 else 1
        at = functional.conv2d(padded, weight, stride=stride, groups=groups)
        parts = [state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        at = functional.batch_norm(at, *parts, eps=1e-3)
        return at.clamp(0, 6) if bounded else at

    found, number = [], 0
    at = layer(torch.from_numpy(prepared), "_conv_stem", "_bn0", 2)
    for repeats, _, first, widened in BLOCKS:
        for repeat in range(repeats):
            before, prefix = at, f"_blocks.{number}."
            if widened > 1:
                at = layer(at, prefix + "_expand_conv", prefix + "_bn0", 1)
            at = layer(at, prefix + "_depthwise_conv", prefix + "_bn1", first if repeat == 0 else 1)
            at = layer(at, prefix + "_project_conv", prefix + "_bn2", 1, bounded=False)
            at = at + before if at.shape == before.shape else at
            if number in {2, 4, 10}:
                found.append(at)
            number += 1
    return [stage.numpy() for stage in (*found, layer(at, "_conv_head", "_bn1", 1))]


def test_the_graph_computes_what_the_definition_says():
    prepared = lite0.prepare(picture(1))[None]
    lite0.ready()
    for mine, theirs in zip(lite0._run(prepared), by_pytorch(prepared), strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-3)


def test_the_vector_is_the_mean_of_four_cosines_beyond_a_blank_page():
    one, other, blank = (np.full((SIDE, SIDE, 3), 255, np.uint8) for _ in range(3))
    one[20:90, 30:200], other[60:150, 30:120] = (200, 30, 30), (30, 30, 200)
    seen = [lite0._run(lite0.prepare(page)[None]) for page in (one, other, blank)]
    cosines = []
    for a, b, white in zip(*seen, strict=True):
        trace = 0.02 * np.linalg.norm(white)
        a, b = (np.append((side - white).astype(float).ravel(), trace) for side in (a, b))
        cosines.append(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert likeness(one, other) == pytest.approx(np.mean(cosines), abs=1e-5)


def test_blank_and_plain_pages_get_next_to_nothing():
    page = picture(3, 240, 320)
    mean = np.broadcast_to(page.mean(axis=(0, 1)).astype(np.uint8), page.shape)
    assert likeness(page, page) == 1.0
    assert likeness(page, np.full_like(page, 255)) < 0.1
    assert likeness(page, np.ascontiguousarray(mean)) < 0.2
    assert likeness(*(np.full((224, 224, 3), value, np.uint8) for value in (255, 254))) > 0.95


def test_it_falls_as_a_picture_departs_from_the_reference():
    page = picture(5, 240, 320)
    random = np.random.default_rng(6)
    noisy = [np.clip(page + random.normal(0, spread, page.shape), 0, 255).astype(np.uint8) for spread in (8, 40, 160)]
    found = [likeness(page, other) for other in (page, *noisy)]
    assert found == sorted(found, reverse=True)
    assert likeness(page, np.roll(page, 4, axis=1)) > likeness(page, picture(6, 240, 320))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (2000, 3, 3), (700, 1100, 3)])
def test_any_size_has_a_score(shape):
    random = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    assert likeness(random, random) == 1.0
    assert -1 <= likeness(random, picture(1)) < 1


def test_a_pair_scores_the_same_alone_and_among_others():
    one, other = picture(1), picture(2)
    alone = EfficientNetLite0().embed([other])[0]
    among = EfficientNetLite0().embed([one, picture(3), other, picture(4)])[2]
    assert np.array_equal(alone, among)


class Evil:
    def __reduce__(self):
        return print, ("this ran",)


def checkpoint(content, *, magic=0x1950A86A20F9469CFC6C, keys=()):
    parts = [magic, 1001, {"little_endian": True}, content, list(keys)]
    return b"".join(pickle.dumps(part, protocol=2) for part in parts)


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (checkpoint({"a": Evil()}), "no tensor needs"),
        (checkpoint({"a": 1}), "can't be read"),
        (checkpoint({}, magic=7), "layout before"),
        (zipped(), "can't be read"),
        (b"", "can't be read"),
        (CHECKPOINT.read_bytes()[:9_000_000], "ends within its values"),
    ],
    ids=["a call", "no tensors", "another magic", "the newer layout", "empty", "cut off"],
)
def test_what_is_no_checkpoint_of_tensors_is_refused_and_never_run(tmp_path, capsys, content, reason):
    path = tmp_path / "net.pth"
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint, match=reason):
        read_checkpoint(path)
    assert "this ran" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("offset", "shape", "stride"), [(1, (4,), (1,)), (0, (2, 3), (3, 1)), (0, (2,), (-1,)), (-2, (2,), (1,))]
)
def test_a_tensor_beyond_its_storage_is_refused(tmp_path, offset, shape, stride):
    # A state of one tensor over a storage of four values, with the numbers given.
    def tuple_of(numbers):
        return b"(" + b"".join(b"J" + struct.pack("<i", number) for number in numbers) + b"t"

    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04NtQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"J" + struct.pack("<i", offset)
    tensor += tuple_of(shape) + tuple_of(stride) + b"\x89}tR"
    state = b"\x80\x02}X\x01\x00\x00\x00a" + tensor + b"s."
    head = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    path = tmp_path / "net.pth"
    path.write_bytes(head + state + pickle.dumps(["0"], 2) + struct.pack("<q4f", 4, 1, 2, 3, 4))
    with pytest.raises(BadCheckpoint, match="beyond its storage"):
        read_checkpoint(path)


def test_it_needs_no_pytorch(tmp_path):
    import subprocess

    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')")
    program = (
        "import numpy as np; from derender.metrics import score; a = np.zeros((9, 9, 3), np.uint8);"
        "print(score(a, a, ['efficientnet', 'virl_efficientnet']).scores)"
    )
    environment = {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}", "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "{'efficientnet': {'cosine': 1.0}, 'virl_efficientnet': {'visual': 1.0}}", done.stderr
