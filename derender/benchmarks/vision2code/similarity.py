"""How near two pictures' colours are, as the paper's runner notes it beside each drawing: for information, no score."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from derender.core import UserError
from derender.core.pictures import FORMATS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIDE = 512


def similarity(reference: Path | bytes, picture: Path | bytes) -> float:
    """1 less the mean squared difference of the colours at 512×512 in units of the largest: 1 for the same picture.

    Raises:
        UserError: one of them is no picture that can be read.
    """
    import numpy as np

    error = float(np.mean((_pixels(reference) - _pixels(picture)) ** 2))
    return max(0.0, min(1.0, 1.0 - error / 255.0**2))


def _pixels(picture: Path | bytes) -> "NDArray[np.float32]":
    """512 × 512 × 3; transparency is dropped, not laid over white, as there."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture, formats=FORMATS) as image:
            return np.asarray(image.convert("RGB").resize((_SIDE, _SIDE)), dtype=np.float32)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        name = "the picture" if isinstance(picture, bytes) else picture
        raise UserError(f"{name}: can't be read as a picture ({error})") from None
