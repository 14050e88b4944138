"""EfficientNet-Lite0 (Tan and Le, 2019; Google's Lite variant of 2020) as an ONNX graph, from its PyTorch checkpoint.

The graph is written here, message by message of the ONNX format (protocol buffers): its normalisations are folded into
the convolutions, and its outputs are the features that each resolution ends with. So it needs neither PyTorch nor the
``onnx`` package, and any ONNX runtime runs it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.generic]
    Floats = NDArray[np.float32]

SIDE = 224
INPUT = "pixels"
BLOCKS = ((1, 3, 1, 1), (2, 3, 2, 6), (2, 5, 2, 6), (3, 3, 2, 6), (3, 5, 1, 6), (4, 5, 2, 6), (1, 3, 1, 6))
"""Repeats, kernel, stride of the first, and how much the channels are widened inside; group by group."""
LAST_OF_STAGE = {2: "quarter", 4: "eighth", 10: "sixteenth"}
"""The blocks after which the resolution falls, and the share of it that they still have."""
STAGES = (*LAST_OF_STAGE.values(), "thirty-second")
"""The outputs: 24, 40 and 112 channels of the bottlenecks and 1280 of the head."""
EPSILON = 1e-3
FLOAT, INTS, INT = 1, 7, 2
"""Type numbers of the ONNX format."""


def onnx_graph(checkpoint: Mapping[str, Values]) -> bytes:
    """The network as an ONNX model: n x 3 x 224 x 224, ImageNet-normalised, to the features of each of `STAGES`."""
    graph = _Graph(checkpoint)
    at = graph.convolution(INPUT, "_conv_stem", "_bn0", 3, 2)
    number = 0
    for repeats, kernel, first_stride, widened in BLOCKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            at = graph.block(at, f"_blocks.{number}.", kernel, stride, widened > 1)
            if number in LAST_OF_STAGE:
                graph.result(at, LAST_OF_STAGE[number])
            number += 1
    graph.result(graph.convolution(at, "_conv_head", "_bn1", 1, 1), STAGES[-1])
    return graph.model()


class _Graph:
    """An ONNX graph in the making; values go by the name of what gives them."""

    def __init__(self, checkpoint: Mapping[str, Values]) -> None:
        import numpy as np

        self._checkpoint = checkpoint
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._results: list[bytes] = []
        self._constant("zero", np.float32(0))
        self._constant("six", np.float32(6))

    def block(self, given: str, prefix: str, kernel: int, stride: int, widened: bool) -> str:
        """An inverted bottleneck; what comes in is added to what goes out where both have one shape."""
        at = self.convolution(given, prefix + "_expand_conv", prefix + "_bn0", 1, 1) if widened else given
        at = self.convolution(at, prefix + "_depthwise_conv", prefix + "_bn1", kernel, stride)
        at = self.convolution(at, prefix + "_project_conv", prefix + "_bn2", 1, 1, bounded=False)
        narrow = self._checkpoint[prefix + "_project_conv.weight"].shape[0]
        wide = self._checkpoint[prefix + ("_expand_conv" if widened else "_depthwise_conv") + ".weight"]
        entered = wide.shape[1] if widened else wide.shape[0]
        return self._node("Add", [at, given], prefix + "sum") if stride == 1 and narrow == entered else at

    def convolution(self, given: str, layer: str, norm: str, kernel: int, stride: int, *, bounded: bool = True) -> str:
        """A convolution with its normalisation folded in, cut to 0..6 unless it is a bottleneck's last."""
        import numpy as np

        weights = np.asarray(self._checkpoint[f"{layer}.weight"], np.float64)
        scale, shift, mean, variance = (
            np.asarray(self._checkpoint[f"{norm}.{part}"], np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = scale / np.sqrt(variance + EPSILON)
        self._constant(layer + ".w", (weights * factor[:, None, None, None]).astype(np.float32))
        self._constant(layer + ".b", (shift - mean * factor).astype(np.float32))
        # As TensorFlow pads: what is odd goes below and to the right.
        spare = kernel - stride
        before, after = max(spare // 2, 0), max(spare - spare // 2, 0)
        groups = weights.shape[0] if weights.shape[1] == 1 else 1
        at = self._node(
            "Conv",
            [given, layer + ".w", layer + ".b"],
            layer,
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=groups,
        )
        return self._node("Clip", [at, "zero", "six"], layer + ".cut") if bounded else at

    def result(self, value: str, name: str) -> None:
        """Make a value an output of the network."""
        self._results.append(_value(self._node("Identity", [value], name), ["n", "c", "h", "w"]))

    def model(self) -> bytes:
        """The model in bytes."""
        graph = b"".join(
            [
                *(_field(1, node) for node in self._nodes),
                _field(2, b"efficientnet-lite0"),
                *(_field(5, constant) for constant in self._constants),
                _field(11, _value(INPUT, ["n", 3, SIDE, SIDE])),
                *(_field(12, result) for result in self._results),
            ]
        )
        return _number(1, 8) + _field(8, _number(2, 13)) + _field(7, graph)

    def _node(self, kind: str, given: Sequence[str], gives: str, **attributes: int | Sequence[int]) -> str:
        parts = [_field(1, name.encode()) for name in given]
        parts += [_field(2, gives.encode()), _field(3, gives.encode()), _field(4, kind.encode())]
        parts += [_field(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(parts))
        return gives

    def _constant(self, name: str, values: Any) -> None:  # noqa: ANN401  a NumPy array or number
        import numpy as np

        array = np.asarray(values, "<f4")
        dims = b"".join(_number(1, side) for side in array.shape)
        self._constants.append(dims + _number(2, FLOAT) + _field(8, name.encode()) + _field(9, array.tobytes()))


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name.encode()) + _number(3, value) + _number(20, INT)
    return _field(1, name.encode()) + b"".join(_number(8, one) for one in value) + _number(20, INTS)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sides = [_number(1, side) if isinstance(side, int) else _field(2, side.encode()) for side in shape]
    dims = b"".join(_field(1, side) for side in sides)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, FLOAT) + _field(2, dims)))


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes, a text or a message."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    digits = []
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return struct.pack(f"{len(digits) + 1}B", *digits, value)
