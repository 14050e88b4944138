"""Inception-v3: distances between two sets of pictures (FID, KID), and Image2Struct's likeness of two.

`fid` and `kid` compare sets, not pairs, and are therefore functions: they need many pictures (FID 2048 and more to mean
anything), and no single candidate has one. They follow clean-fid: the network of 2015, each channel brought to 299x299
by Pillow's bicubic filter without rounding, features before the classes; KID in 100 subsets of at most 1000.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ._embedder import Embedder, cosine, embedding
from ._facts import Facts, Unscorable, rgb
from ._inception import inception
from ._metric import Part, Values, metric
from ._preprocess import BILINEAR, Preprocess, resized
from ._torch import chosen_device, fingerprint_of, pytorch, read_state
from ._weights import WeightFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from ._embedder import Floats
    from ._facts import Bytes

    Doubles = NDArray[np.float64]

SIDE = 299
OF_FID = WeightFile(
    "pt_inception-2015-12-05-6726825d.pth",
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
)
OF_TORCHVISION = WeightFile(
    "inception_v3_google-0cc3c7bd.pth", "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth"
)
SUBSETS, SUBSET, SEED = 100, 1000, 2020
"""Usual for KID: clean-fid's numbers, and torch-fidelity's seed, which clean-fid has none of."""


class Inception(Embedder):
    """Inception-v3's features before the classes (2048 values), or the classes' logits.

    Args:
        name: what to call it.
        weights: FID's network or torchvision's.
        gives: which of the two it gives.
        steps: how a picture is prepared.
    """

    def __init__(self, name: str, weights: WeightFile, gives: Literal["features", "logits"], steps: Preprocess) -> None:
        super().__init__(name, (weights,), packages=("torch",))
        self._file, self._gives, self._steps = weights, gives, steps

    @cached_property
    def fingerprint(self) -> str:
        """Weights, preparation and which of the two it gives."""
        return f"{self.name} {fingerprint_of(self._file.find())} {self._steps} {self._gives}"

    def ready(self) -> None:
        """Load the network."""
        _ = self.fingerprint, self._state

    def prepare(self, pixels: Bytes) -> Floats:
        """By the steps."""
        return self._steps(pixels)

    def forward(self, prepared: Floats) -> Floats:
        """Run the network on a batch."""
        torch = pytorch()
        with torch.inference_mode():
            pixels = torch.from_numpy(prepared).to(chosen_device())
            found = inception(self._state, pixels, of_fid=self._file is OF_FID)
            vectors: Floats = found[self._gives == "logits"].cpu().numpy()
        return vectors

    @cached_property
    def _state(self) -> dict[str, Tensor]:
        device = chosen_device()
        return {name: value.to(device) for name, value in read_state(self._file.find()).items()}


class FidInception(Inception):
    """FID's network, pictures prepared as clean-fid does: resized in floats, then (value - 128) / 128."""

    def __init__(self) -> None:
        super().__init__("inception_fid", OF_FID, "features", Preprocess((SIDE, SIDE)))

    def prepare(self, pixels: Bytes) -> Floats:
        """Each channel by itself, so that nothing is rounded to 8 bits on the way."""
        import numpy as np
        from PIL import Image

        channels = [Image.fromarray(pixels[:, :, channel].astype(np.float32)) for channel in range(3)]
        shown = [np.asarray(one.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) for one in channels]
        return (np.stack(shown).clip(0, 255) - np.float32(128)) / np.float32(128)


fid_network = FidInception()
"""The embedder that FID and KID use."""
image2struct_network = Inception(
    "inception_image2struct", OF_TORCHVISION, "logits", Preprocess(SIDE, crop=SIDE, resample=BILINEAR, nearest=True)
)
"""torchvision's network as Image2Struct uses it: 1000 logits of the middle square of 299 pixels."""
image2struct_logits = embedding(image2struct_network)


def fid(references: Sequence[Bytes], candidates: Sequence[Bytes], embedder: Embedder = fid_network) -> float:
    """Fréchet inception distance of two sets of pictures (height x width x 3); 0 is best, unbounded.

    Args:
        references: two or more.
        candidates: two or more; they need not be as many, nor in the same order.
        embedder: what turns pictures into vectors; FID's network by default, StarVector's other choice is CLIP.

    Raises:
        Missing: weights or PyTorch are absent.
        Unscorable: a set has fewer than two pictures.
    """
    return frechet_distance(embedder.embed(references), embedder.embed(candidates))


def kid(
    references: Sequence[Bytes],
    candidates: Sequence[Bytes],
    embedder: Embedder = fid_network,
    *,
    subset: int = SUBSET,
    subsets: int = SUBSETS,
    seed: int = SEED,
) -> float:
    """Kernel inception distance of two sets of pictures (height x width x 3); about 0 is best, may be negative.

    Args:
        references: two or more.
        candidates: two or more.
        embedder: what turns pictures into vectors; DeTikZify takes SigLIP's, in subsets of 50.
        subset: how many of each set are compared at once, at most.
        subsets: how many times; the mean is given.
        seed: of the choice of subsets.

    Raises:
        Missing: weights or PyTorch are absent.
        Unscorable: a set has fewer than two pictures.
    """
    return kernel_distance(
        embedder.embed(references), embedder.embed(candidates), subset=subset, subsets=subsets, seed=seed
    )


def frechet_distance(a: Floats, b: Floats) -> float:
    """Fréchet distance of the normal distributions that two sets of vectors (n x d) have; 0 or more.

    |mean difference|² + tr(A + B - 2 √(A B)) with sample covariances A, B. The trace of the root is had from the
    singular values of the product of both centred sets, so that no root of a singular matrix is taken.

    Raises:
        Unscorable: a set has fewer than two vectors.
    """
    import numpy as np

    _at_least_two(a, b)
    one, other = a.astype(np.float64), b.astype(np.float64)
    apart = one.mean(axis=0) - other.mean(axis=0)
    x, y = (_short((each - each.mean(axis=0)) / np.sqrt(len(each) - 1)) for each in (one, other))
    # tr √(XᵀX YᵀY) is the sum of the singular values of X Yᵀ: both have the eigenvalues of Y XᵀX Yᵀ, squared.
    root = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    return max(0.0, float(apart @ apart + (x * x).sum() + (y * y).sum() - 2 * root))


def kernel_distance(a: Floats, b: Floats, *, subset: int = SUBSET, subsets: int = SUBSETS, seed: int = SEED) -> float:
    """Mean unbiased squared maximum mean discrepancy of two sets of vectors (n x d), kernel (x·y / d + 1)³.

    0 for equal distributions, and about it on either side for samples of them; the greater, the further apart.

    Raises:
        Unscorable: a set has fewer than two vectors.
    """
    import numpy as np

    _at_least_two(a, b)
    random = np.random.RandomState(seed)
    size = min(subset, len(a), len(b))
    total = 0.0
    for _ in range(subsets):
        one = a[random.choice(len(a), size, replace=False)].astype(np.float64)
        other = b[random.choice(len(b), size, replace=False)].astype(np.float64)
        total += _discrepancy(one, other)
    return total / subsets


def _discrepancy(x: Doubles, y: Doubles) -> float:
    import numpy as np

    n, width = x.shape

    def kernel(p: Doubles, q: Doubles) -> Doubles:
        return np.asarray((p @ q.T / width + 1) ** 3, np.float64)

    within = sum(float(same.sum() - np.trace(same)) for same in (kernel(x, x), kernel(y, y)))
    return float(within / (n * (n - 1)) - 2 * kernel(x, y).mean())


def _short(centred: Doubles) -> Doubles:
    """A matrix with as many rows as columns at most that has the same covariance."""
    import numpy as np

    rows, columns = centred.shape
    return centred if rows <= columns else np.asarray(np.linalg.qr(centred, mode="r"), np.float64)


def _at_least_two(a: Floats, b: Floats) -> None:
    if min(len(a), len(b)) < 2:
        raise Unscorable(f"two sets of two pictures or more are compared; these have {len(a)} and {len(b)}")


@metric(
    "image2struct_fid",
    (Part("similarity"),),
    needs=(image2struct_logits,),
    source="Image2Struct, fid_similarity: (1 + cosine) / 2 of Inception-v3's logits",
    cost_ms=120.0,
    family="documents",
    default=False,
)
def image2struct_fid(reference: Facts, candidate: Facts) -> Values:
    """Image2Struct's fid_similarity, no Fréchet distance: (1 + cosine) / 2 of Inception-v3's 1000 logits.

    A candidate of another size is first brought to the reference's by bicubic interpolation.
    """
    pixels, height_width = candidate[rgb], reference[rgb].shape[:2]
    if pixels.shape[:2] == height_width:
        seen = candidate[image2struct_logits]
    else:
        seen = image2struct_network.embed([resized(pixels, (height_width[1], height_width[0]))])[0]
    return {"similarity": (1 + cosine(reference[image2struct_logits], seen)) / 2}
