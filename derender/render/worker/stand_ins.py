"""Files that stand in for pictures which another worker draws later: white, of the right size and format."""

import io

from . import png

_PILLOW = {"jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "pdf": "PDF", "eps": "EPS"}


def stand_in(format: str, width: int, height: int) -> bytes:
    """A white picture as a file of the format; PNG where the format is unknown."""
    format = format.lower().lstrip(".")
    if format == "svg":
        size = f'width="{width}" height="{height}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}/>'.encode()
    if format in _PILLOW:
        from PIL import Image

        buffer = io.BytesIO()
        Image.new("RGB", (width, height), "white").save(buffer, _PILLOW[format])
        return buffer.getvalue()
    return png.blank(width, height).png()
