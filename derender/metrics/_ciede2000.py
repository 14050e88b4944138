"""How different two sRGB colours look: CIEDE2000, with the constants of colormath 3.0, which the papers' scripts use.

Its rounded primaries and white point differ from the standard's in the sixth digit, and so do the scores.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

TO_XYZ = (
    (0.412424, 0.357579, 0.180464),
    (0.212656, 0.715158, 0.0721856),
    (0.0193324, 0.119193, 0.950444),
)
"""Linear sRGB → XYZ."""
WHITE = (0.95047, 1.0, 1.08883)
"""D65, the observer of 1931."""
LINEAR_BELOW = 216 / 24389
CHROMA_KNEE = 25.0**7


def to_lab(rgb: "ArrayLike") -> "Floats":
    """CIE L*a*b* of sRGB colours (... x 3, in 0..255, whole or not), D65; of the same shape."""
    import numpy as np

    encoded = np.asarray(rgb, np.float64) / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    # Summed one by one: what a matrix product gives hangs on how many colours there are.
    red, green, blue = (linear[..., channel] for channel in range(3))
    light = np.stack([(r * red + g * green + b * blue) / w for (r, g, b), w in zip(TO_XYZ, WHITE, strict=True)])
    x, y, z = np.where(light > LINEAR_BELOW, light ** (1 / 3), 7.787 * light + 16 / 116)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def ciede2000(one: "ArrayLike", other: "ArrayLike") -> "Floats":
    """The colour difference of L*a*b* colours (... x 3, shapes broadcast): 0 is equal, white is 100 off black.

    Sharma, Wu and Dalal, The CIEDE2000 color-difference formula, 2005, with all weights 1. As in colormath, the mean of
    two hues across 0° is taken between 180° and 540°, and a grey's hue counts.
    """
    import numpy as np

    l1, a1, b1 = np.moveaxis(np.asarray(one, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(other, np.float64), -1, 0)
    stretch = 1.5 - 0.5 * _chroma_weight((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2)
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) for a, b in ((a1, b1), (a2, b2)))
    h1, h2 = h1 + 360 * (h1 < 0), h2 + 360 * (h2 < 0)
    across = np.abs(h1 - h2) > 180
    lightness, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + h2 + 360 * across) / 2
    turn = h2 - h1 - 360 * across * np.sign(h2 - h1)

    from_grey = (lightness - 50) ** 2
    in_lightness = (l2 - l1) / (1 + 0.015 * from_grey / np.sqrt(20 + from_grey))
    in_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    in_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * chroma * _hue_weight(hue))
    blues = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * _chroma_weight(chroma) * np.sin(np.radians(blues))
    squared = in_lightness**2 + in_chroma**2 + in_hue**2 + rotation * in_chroma * in_hue
    return np.asarray(np.sqrt(squared), np.float64)


def color_similarity(one: "ArrayLike", other: "ArrayLike") -> "Floats":
    """1 for equal sRGB colours (... x 3, in 0..255, shapes broadcast), 0 for those 100 or more apart."""
    import numpy as np

    return np.maximum(0.0, 1 - ciede2000(to_lab(one), to_lab(other)) / 100)


def _chroma_weight(chroma: "Floats") -> "Floats":
    import numpy as np

    seventh = chroma**7
    return np.asarray(np.sqrt(seventh / (seventh + CHROMA_KNEE)), np.float64)


def _hue_weight(hue: "Floats") -> "Floats":
    import numpy as np

    def wave(times: int, shift: float) -> "Floats":
        return np.asarray(np.cos(np.radians(times * hue + shift)), np.float64)

    return 1 - 0.17 * wave(1, -30) + 0.24 * wave(2, 0) + 0.32 * wave(3, 6) - 0.2 * wave(4, -63)
