"""DreamSim (Fu et al., 2023), the ensemble: likeness as people judged it, from three tuned vision transformers.

Written anew in plain PyTorch, for the package needs torchvision and downloads when it is imported: DINO ViT-B/16's
class token before the last normalisation, and the projections of CLIP's and OpenCLIP's ViT-B/16, each with the low-rank
corrections of its queries, keys and values that were learnt; joined, scaled to length 1, centred, and compared by
cosine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ._embedder import Embedder, cosine, embedding
from ._facts import Facts, Unscorable, rgb
from ._metric import Part, Values, metric
from ._preprocess import BICUBIC, IMAGENET, OPENAI, resized
from ._torch import chosen_device, fingerprint_of, pytorch, read_state
from ._weights import WeightFile

if TYPE_CHECKING:
    from torch import Tensor

    from ._embedder import Floats
    from ._facts import Bytes

    State = dict[str, Tensor]

SIDE = 224
HEAD_WIDTH = 64
"""Channels of one attention head in all three transformers."""
ZIP = "https://github.com/ssundaram21/dreamsim/releases/download/v0.2.0-checkpoints/dreamsim_ensemble_checkpoint.zip"
DINO_URL = "https://dl.fbaipublicfiles.com/dino/dino_vitbase16_pretrain/dino_vitbase16_pretrain.pth"
MOST_SIDE = 8192
"""Side of the largest square a trimmed figure is brought to."""


@dataclass(frozen=True, slots=True)
class Tower:
    """One of the three transformers.

    Attributes:
        weights: its file.
        colours: mean and spread it learnt with.
        epsilon: of its normalisations.
        quick: whether its activation is x·σ(1.702 x), an approximation of GELU.
        projects: whether it gives its projected class token, or that of the last block as it is.
    """

    weights: WeightFile
    colours: tuple[tuple[float, ...], tuple[float, ...]]
    epsilon: float
    quick: bool
    projects: bool


TOWERS = (
    Tower(WeightFile("dino_vitbase16_pretrain.pth", DINO_URL), IMAGENET, 1e-6, quick=False, projects=False),
    Tower(WeightFile("clip_vitb16_pretrain.pth.tar", ZIP), OPENAI, 1e-5, quick=True, projects=True),
    Tower(WeightFile("open_clip_vitb16_pretrain.pth.tar", ZIP), OPENAI, 1e-5, quick=False, projects=True),
)
ADAPTER = WeightFile("ensemble_lora/adapter_model.safetensors", ZIP, ("ensemble_lora/adapter_model.bin",))
ADAPTED = re.compile(r"extractor_list\.(\d+)\..*?blocks\.(\d+)\.attn\.qkv\.lora_([AB])\.")


class DreamSim(Embedder):
    """The ensemble's vector: 768 + 512 + 512 values of length 1, their mean subtracted."""

    def __init__(self) -> None:
        weights = (*(tower.weights for tower in TOWERS), ADAPTER)
        super().__init__("dreamsim", weights, packages=("torch", "safetensors"))

    @cached_property
    def fingerprint(self) -> str:
        """The four files."""
        return " ".join([self.name, *(fingerprint_of(one.find()) for one in self.weights)])

    def ready(self) -> None:
        """Load the three transformers."""
        _ = self.fingerprint, self._states

    def prepare(self, pixels: Bytes) -> Floats:
        """The whole picture brought to 224x224, in 0..1: each transformer has colours of its own."""
        import numpy as np

        shown = resized(pixels, (SIDE, SIDE), BICUBIC).astype(np.float32) / np.float32(255)
        return np.ascontiguousarray(shown.transpose(2, 0, 1))

    def forward(self, prepared: Floats) -> Floats:
        """Run the three transformers on a batch."""
        torch = pytorch()
        with torch.inference_mode():
            pixels = torch.from_numpy(prepared).to(chosen_device())
            parts = [_seen(tower, state, pixels) for tower, state in zip(TOWERS, self._states, strict=True)]
            joined = torch.cat(parts, dim=1)
            unit = joined / joined.norm(dim=1, keepdim=True)
            vectors: Floats = (unit - unit.mean(dim=1, keepdim=True)).cpu().numpy()
        return vectors

    @cached_property
    def _states(self) -> list[State]:
        adapter = ADAPTER.find()
        learnt = _read_adapter(read_safetensors(adapter) if adapter.suffix == ".safetensors" else read_state(adapter))
        settings = json.loads(adapter.with_name("adapter_config.json").read_text("utf-8"))
        share = settings["lora_alpha"] / settings["r"]
        states = []
        for number, tower in enumerate(TOWERS):
            held: dict[str, Any] = read_state(tower.weights.find())
            state: State = dict(held.get("state_dict", held))
            for (tower_number, block), (down, up) in learnt.items():
                if tower_number == number:
                    name = f"blocks.{block}.attn.qkv.weight"
                    state[name] = state[name] + share * (up @ down)
            states.append({name: value.float().to(chosen_device()) for name, value in state.items()})
        return states


def read_safetensors(path: object) -> State:
    """The tensors of a safetensors file."""
    from safetensors.torch import load_file

    found: State = load_file(str(path))
    return found


def _read_adapter(state: Mapping[str, Tensor]) -> dict[tuple[int, int], tuple[Tensor, Tensor]]:
    """(Transformer, block) to the two factors of its correction."""
    factors: dict[tuple[int, int], dict[str, Tensor]] = {}
    for name, value in state.items():
        if found := ADAPTED.search(name):
            factors.setdefault((int(found[1]), int(found[2])), {})[found[3]] = value
    return {at: (both["A"], both["B"]) for at, both in factors.items()}


def _seen(tower: Tower, state: State, pixels: Tensor) -> Tensor:
    """A transformer's class token, n x d."""
    mean, std = (pixels.new_tensor(values)[:, None, None] for values in tower.colours)
    tokens = _embedded(tower, state, (pixels - mean) / std)
    depth = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("blocks."))
    for number in range(depth):
        tokens = _block(tower, state, f"blocks.{number}.", tokens)
    if not tower.projects:
        return tokens[:, 0]
    normed = _norm(tower, state, "norm", tokens[:, 0])
    return normed @ state["proj"]


def _embedded(tower: Tower, state: State, pixels: Tensor) -> Tensor:
    torch = pytorch()
    kernel = state["patch_embed.proj.weight"]
    bias = state.get("patch_embed.proj.bias")
    patches = torch.nn.functional.conv2d(pixels, kernel, bias, stride=kernel.shape[-1]).flatten(2).transpose(1, 2)
    first = state["cls_token"].expand(len(pixels), -1, -1)
    tokens = torch.cat([first, patches], dim=1) + state["pos_embed"]
    # CLIP's normalise once more before the first block; the checkpoints keep that where DINO has a dropout.
    normed: Tensor = _norm(tower, state, "pos_drop", tokens) if "pos_drop.weight" in state else tokens
    return normed


def _block(tower: Tower, state: State, at: str, tokens: Tensor) -> Tensor:
    functional = pytorch().nn.functional
    count, length, width = tokens.shape
    heads = width // HEAD_WIDTH
    mixed = _linear(state, at + "attn.qkv", _norm(tower, state, at + "norm1", tokens))
    query, key, value = mixed.reshape(count, length, 3, heads, HEAD_WIDTH).permute(2, 0, 3, 1, 4)
    attended = functional.scaled_dot_product_attention(query, key, value)
    tokens = tokens + _linear(state, at + "attn.proj", attended.transpose(1, 2).reshape(count, length, width))
    inner = _linear(state, at + "mlp.fc1", _norm(tower, state, at + "norm2", tokens))
    active = inner * (1.702 * inner).sigmoid() if tower.quick else functional.gelu(inner)
    return tokens + _linear(state, at + "mlp.fc2", active)


def _norm(tower: Tower, state: State, at: str, values: Tensor) -> Tensor:
    functional = pytorch().nn.functional
    width = (values.shape[-1],)
    normed: Tensor = functional.layer_norm(values, width, state[at + ".weight"], state[at + ".bias"], tower.epsilon)
    return normed


def _linear(state: State, at: str, values: Tensor) -> Tensor:
    found: Tensor = pytorch().nn.functional.linear(values, state[at + ".weight"], state.get(at + ".bias"))
    return found


ensemble = DreamSim()


def squared_figure(pixels: Bytes) -> Bytes:
    """A figure as DeTikZify prepares it: its white borders cut off, then enlarged into a white square.

    The square's side is the longer one of the untrimmed picture; interpolation is Lanczos's.

    Raises:
        Unscorable: the square would be larger than 8192 pixels a side.
    """
    import numpy as np
    from PIL import Image, ImageOps

    side = max(pixels.shape[:2])
    if side > MOST_SIDE:
        raise Unscorable(f"a figure of {side} pixels a side is too large for this")
    drawn = np.argwhere((pixels != 255).any(axis=2))
    if len(drawn):
        (top, left), (bottom, right) = drawn.min(axis=0), drawn.max(axis=0) + 1
        pixels = pixels[top:bottom, left:right]
    square = ImageOps.pad(Image.fromarray(pixels), (side, side), Image.Resampling.LANCZOS, color="white")
    return np.asarray(square)


dreamsim_features = embedding(ensemble)
detikzify_features = embedding(ensemble, lambda facts: squared_figure(facts[rgb]), name="dreamsim_detikzify")


@metric(
    "dreamsim",
    (Part("distance", high=2.0, higher_is_better=False),),
    needs=(dreamsim_features,),
    source="DreamSim ensemble (Fu et al., 2023)",
    cost_ms=1300.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dreamsim(reference: Facts, candidate: Facts) -> Values:
    """DreamSim's distance, 0 being best; each picture whole, brought to 224x224."""
    return {"distance": 1 - cosine(reference[dreamsim_features], candidate[dreamsim_features])}


@metric(
    "dreamsim_detikzify",
    (Part("similarity", low=-1.0),),
    needs=(detikzify_features,),
    source="DeTikZify, DreamSim: 1 - distance of figures trimmed and padded to squares",
    cost_ms=1300.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dreamsim_detikzify(reference: Facts, candidate: Facts) -> Values:
    """DeTikZify's DreamSim: 1 - DreamSim's distance, white borders cut off and the rest padded to a square.

    There in 16 bits, here in 32.
    """
    return {"similarity": cosine(reference[detikzify_features], candidate[detikzify_features])}
