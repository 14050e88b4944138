"""The feature layers of AlexNet and VGG-16 (torchvision's weights) in plain PyTorch, and distances on top of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ._embedder import unload
from ._facts import Fact, Facts, Unscorable, rgb
from ._torch import chosen_device, pytorch, read_state
from ._weights import WeightFile, Weights, at_hand

if TYPE_CHECKING:
    from torch import Tensor

    from ._facts import Bytes

    State = dict[str, Tensor]

ALEXNET = WeightFile("alexnet-owt-7be5be79.pth", "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth")
VGG16 = WeightFile("vgg16-397923af.pth", "https://download.pytorch.org/models/vgg16-397923af.pth")
VGG_STAGES = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
"""The numbers that torchvision gives VGG-16's convolutions, by resolution."""
ALEXNET_LAYERS = ((0, 4, 2), (3, 1, 2), (6, 1, 1), (8, 1, 1), (10, 1, 1))
"""Number, stride and padding of AlexNet's convolutions; the second and third come after pooling."""
MOST_PIXELS = 1 << 23
"""Larger pictures would take more memory than machines have: VGG keeps 256 bytes a pixel, several times."""


def alexnet_features(state: State, pixels: Tensor) -> list[Tensor]:
    """What AlexNet's five convolutions give, after their rectifiers; n x channels x height x width each."""
    functional = pytorch().nn.functional
    at = pixels
    found: list[Tensor] = []
    for layer, (number, stride, padding) in enumerate(ALEXNET_LAYERS):
        if layer in {1, 2}:
            at = functional.max_pool2d(at, 3, 2)
        weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
        at = functional.relu(functional.conv2d(at, weight, bias, stride=stride, padding=padding))
        found.append(at)
    return found


def vgg_features(state: State, pixels: Tensor, pool: Callable[[Tensor], Tensor] | None = None) -> list[Tensor]:
    """What each of VGG-16's five resolutions ends with, after its rectifier; n x channels x height x width each.

    Args:
        state: torchvision's weights.
        pixels: n x 3 x height x width.
        pool: halves the resolution; by default by the largest of 2x2.
    """
    functional = pytorch().nn.functional
    halve = pool or (lambda values: functional.max_pool2d(values, 2, 2))
    at = pixels
    found: list[Tensor] = []
    for numbers in VGG_STAGES:
        at = halve(at) if found else at
        for number in numbers:
            weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
            at = functional.relu(functional.conv2d(at, weight, bias, padding=1))
        found.append(at)
    return found


class ConvDistance:
    """A distance over convolutional features. Safe to share between threads; keeps the last reference's features.

    Args:
        name: what messages and facts call it.
        weights: the network's and the distance's own.
        features: from the states of those weights and pixels (1 x 3 x h x w) to feature maps.
        compare: from those states and both sides' features to a number.
        least: the smallest side the network can see, in pixels.
    """

    def __init__(
        self,
        name: str,
        weights: Sequence[Weights],
        features: Callable[[Sequence[State], Tensor], list[Tensor]],
        compare: Callable[[Sequence[State], list[Tensor], list[Tensor]], Tensor],
        *,
        least: int,
    ) -> None:
        self.name = name
        self.weights = tuple(weights)
        self._features, self._compare = features, compare
        self._least = least
        self._lock = threading.RLock()
        self._last: tuple[Any, list[Tensor]] | None = None

    def between(self, reference: Bytes, candidate: Bytes, *, scale: Callable[[Tensor], Tensor]) -> float:
        """The distance of two pictures of one size (height x width x 3), ``scale`` bringing 0..1 to what is wanted.

        Raises:
            Missing: weights or PyTorch are absent.
            Unscorable: the sizes differ, or are too small or too large.
        """
        if reference.shape != candidate.shape:
            raise Unscorable(f"{self.name} compares pictures of one size; these have {_sizes(reference, candidate)}")
        height, width = reference.shape[:2]
        if min(height, width) < self._least or height * width > MOST_PIXELS:
            raise Unscorable(
                f"{self.name} takes pictures of {self._least}x{self._least} pixels to {MOST_PIXELS:,} in all; "
                f"these have {width}x{height}"
            )
        torch = pytorch()
        with self._lock, torch.inference_mode():
            if self._last is None or self._last[0] is not reference:
                self._last = reference, self._seen(reference, scale)
            distance = self._compare(self._states, self._last[1], self._seen(candidate, scale))
            return float(distance)

    def _seen(self, picture: Bytes, scale: Callable[[Tensor], Tensor]) -> list[Tensor]:
        torch = pytorch()
        values = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].to(chosen_device()).float() / 255
        return self._features(self._states, scale(values))

    @cached_property
    def _states(self) -> list[State]:
        paths = [one.find() for one in self.weights]
        device = chosen_device()
        return [{name: value.to(device) for name, value in read_state(path).items()} for path in paths]

    def release(self) -> None:
        """Give back the memory that the networks take; asked again, they are loaded again."""
        with self._lock:
            unload(self)
            self._last = None

    def fact(self) -> Fact[Bytes]:
        """The picture as this distance takes it, which can be had where its weights are."""

        def observe(facts: Facts) -> Bytes:
            for one in self.weights:
                one.find()
            return facts[rgb]

        return Fact(
            f"{self.name}_pixels",
            observe,
            at_hand=lambda _: find_spec("torch") is not None and at_hand(*self.weights),
            weights=tuple(one.name for one in self.weights),
            tools=("torch",),
        )


def _sizes(a: Bytes, b: Bytes) -> str:
    return f"{a.shape[1]}x{a.shape[0]} and {b.shape[1]}x{b.shape[0]}"
