"""Inception-v3 (Szegedy et al., 2016) in plain PyTorch, on torchvision's names of weights.

Two networks go by these names: torchvision's own, and the one of 2015 that FID is defined on, which leaves padding out
of its averages, pools by the largest in its last block, and has 1008 classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ._torch import pytorch

if TYPE_CHECKING:
    from torch import Tensor

    State = dict[str, Tensor]

EPSILON = 1e-3
"""Of the batch normalisations."""
Padding: TypeAlias = "int | tuple[int, int]"
"""Of both axes, or of height and width."""


def inception(state: State, pixels: Tensor, *, of_fid: bool) -> tuple[Tensor, Tensor]:
    """What a batch (n x 3 x 299 x 299) becomes: the pooled features (n x 2048) and the classes' logits.

    Args:
        state: weights by torchvision's names.
        pixels: normalised as the network learnt them.
        of_fid: whether it is the network of FID instead of torchvision's.
    """
    torch = pytorch()
    network = _Network(state, of_fid)
    at = network.stem(pixels)
    for block in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        at = network.block_a(at, block)
    at = network.block_b(at, "Mixed_6a")
    for block in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        at = network.block_c(at, block)
    at = network.block_d(at, "Mixed_7a")
    at = network.block_e(at, "Mixed_7b")
    at = network.block_e(at, "Mixed_7c", by_largest=of_fid)
    pooled: Tensor = at.mean(dim=(2, 3))
    logits: Tensor = torch.nn.functional.linear(pooled, state["fc.weight"], state["fc.bias"])
    return pooled, logits


class _Network:
    def __init__(self, state: State, of_fid: bool) -> None:
        self._state, self._of_fid = state, of_fid
        self._functional = pytorch().nn.functional

    def stem(self, pixels: Tensor) -> Tensor:
        at = self._layer(pixels, "Conv2d_1a_3x3", stride=2)
        at = self._layer(at, "Conv2d_2a_3x3")
        at = self._largest(self._layer(at, "Conv2d_2b_3x3", padding=1))
        at = self._layer(at, "Conv2d_3b_1x1")
        return self._largest(self._layer(at, "Conv2d_4a_3x3"))

    def block_a(self, given: Tensor, name: str) -> Tensor:
        five = self._chain(given, name, [("branch5x5_1", 0), ("branch5x5_2", 2)])
        three = self._chain(given, name, [("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1), ("branch3x3dbl_3", 1)])
        pooled = self._layer(self._average(given), f"{name}.branch_pool")
        return self._joined(self._layer(given, f"{name}.branch1x1"), five, three, pooled)

    def block_b(self, given: Tensor, name: str) -> Tensor:
        three = self._layer(given, f"{name}.branch3x3", stride=2)
        double = self._chain(given, name, [("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1)])
        return self._joined(three, self._layer(double, f"{name}.branch3x3dbl_3", stride=2), self._largest(given))

    def block_c(self, given: Tensor, name: str) -> Tensor:
        wide, high = (0, 3), (3, 0)
        seven = self._chain(given, name, [("branch7x7_1", 0), ("branch7x7_2", wide), ("branch7x7_3", high)])
        steps: list[tuple[str, Padding]] = [("1", 0), ("2", high), ("3", wide), ("4", high), ("5", wide)]
        double = self._chain(given, name, [(f"branch7x7dbl_{number}", padding) for number, padding in steps])
        pooled = self._layer(self._average(given), f"{name}.branch_pool")
        return self._joined(self._layer(given, f"{name}.branch1x1"), seven, double, pooled)

    def block_d(self, given: Tensor, name: str) -> Tensor:
        three = self._layer(given, f"{name}.branch3x3_1")
        steps: list[tuple[str, Padding]] = [("branch7x7x3_1", 0), ("branch7x7x3_2", (0, 3)), ("branch7x7x3_3", (3, 0))]
        seven = self._chain(given, name, steps)
        return self._joined(
            self._layer(three, f"{name}.branch3x3_2", stride=2),
            self._layer(seven, f"{name}.branch7x7x3_4", stride=2),
            self._largest(given),
        )

    def block_e(self, given: Tensor, name: str, *, by_largest: bool = False) -> Tensor:
        three = self._layer(given, f"{name}.branch3x3_1")
        double = self._chain(given, name, [("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1)])
        pooled = self._functional.max_pool2d(given, 3, 1, 1) if by_largest else self._average(given)
        return self._joined(
            self._layer(given, f"{name}.branch1x1"),
            *self._split(three, f"{name}.branch3x3_2"),
            *self._split(double, f"{name}.branch3x3dbl_3"),
            self._layer(pooled, f"{name}.branch_pool"),
        )

    def _split(self, given: Tensor, name: str) -> tuple[Tensor, Tensor]:
        return self._layer(given, f"{name}a", padding=(0, 1)), self._layer(given, f"{name}b", padding=(1, 0))

    def _chain(self, given: Tensor, name: str, layers: list[tuple[str, Padding]]) -> Tensor:
        at = given
        for layer, padding in layers:
            at = self._layer(at, f"{name}.{layer}", padding=padding)
        return at

    def _layer(self, given: Tensor, name: str, *, stride: int = 1, padding: Padding = 0) -> Tensor:
        """Convolution, normalisation, rectifier."""
        norm = [self._state[f"{name}.bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        at = self._functional.conv2d(given, self._state[f"{name}.conv.weight"], stride=stride, padding=padding)
        rectified: Tensor = self._functional.relu(self._functional.batch_norm(at, *norm, eps=EPSILON))
        return rectified

    def _average(self, given: Tensor) -> Tensor:
        averaged: Tensor = self._functional.avg_pool2d(given, 3, 1, 1, count_include_pad=not self._of_fid)
        return averaged

    def _largest(self, given: Tensor) -> Tensor:
        largest: Tensor = self._functional.max_pool2d(given, 3, 2)
        return largest

    @staticmethod
    def _joined(*parts: Tensor) -> Tensor:
        joined: Tensor = pytorch().cat(parts, dim=1)
        return joined
