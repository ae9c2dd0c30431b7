"""Small pictures as files, with the metadata of a camera on request."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

PLACE = b"35.7100 N"
"""Text in the metadata of photographs that tells where they were taken."""
_ORIENTATION, _GPS, _MAKE = 0x0112, 0x8825, 0x010F


def make_picture(
    kind: str = "PNG", *, size: tuple[int, int] = (8, 4), colour: str = "red", **options: Any
) -> bytes:
    """Return a picture of one colour with a black left edge."""
    image = Image.new("RGB", size, colour)
    image.paste("black", (0, 0, max(1, size[0] // 8), size[1]))
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def make_photograph(kind: str = "JPEG", *, size: tuple[int, int] = (800, 400), orientation: int = 6) -> bytes:
    """Return a picture as a camera makes it: lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[_MAKE] = "Camera"
    exif.get_ifd(_GPS)[29] = PLACE.decode()
    return make_picture(kind, size=size, exif=exif.tobytes())


def open_picture(contents: bytes) -> Image.Image:
    """Return the decoded picture."""
    image = Image.open(io.BytesIO(contents))
    image.load()
    return image
