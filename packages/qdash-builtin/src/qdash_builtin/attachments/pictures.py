"""Attached pictures: validation, removal of metadata, thumbnails."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

FORMATS = {"image/gif": "GIF", "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""Formats of Pillow by the media types of pictures that browsers draw. None of them can contain scripts."""
THUMBNAIL_TYPE = "image/webp"
MOST_PIXELS = 50_000_000
"""Maximum number of pixels of all frames: decoding takes four bytes of memory for each."""
_THUMBNAIL_SIDE = 640
"""Longer side of a thumbnail in pixels: twice that on a page, for dense screens."""
_METADATA = ("comment", "exif", "photoshop", "xmp", "XML:com.adobe.xmp")
"""Entries of the information of a picture that may tell place, device or person."""
_ANIMATED = ("PNG", "WEBP")
"""Formats whose number of frames is in the header."""


def make_thumbnail(name: str, contents: bytes, media_type: str) -> bytes:
    """Return a picture as WebP, upright and without metadata; its longer side has at most 640 pixels.

    Raises
    ------
    InvalidInputError
        If the contents are not a complete picture of this media type, or have too many pixels.
    """
    from PIL import ImageOps

    with _opened(name, contents, media_type) as image:
        image.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
        upright = ImageOps.exif_transpose(image)
        has_alpha = upright.has_transparency_data
        made = io.BytesIO()
        upright.convert("RGBA" if has_alpha else "RGB").save(made, "WEBP", quality=80, exif=b"", xmp=b"")
        return made.getvalue()


def remove_metadata(name: str, contents: bytes, media_type: str) -> bytes:
    """Return a picture without metadata, such as the place of a photograph; unchanged if it has none.

    A photograph is turned upright. A JPEG is encoded with its own quantization tables, so that it loses nothing visible.
    GIF files are unchanged: cameras make none.

    Raises
    ------
    InvalidInputError
        If the contents are not a picture of this media type, or have too many pixels.
    """
    from PIL import ImageOps

    if media_type == "image/gif":
        return contents
    with _opened(name, contents, media_type) as image:
        texts = getattr(image, "text", None)  # of a PNG, such as its author
        if not (texts or any(key in image.info for key in _METADATA) or image.getexif()):
            return contents
        options = {"icc_profile": image.info.get("icc_profile")}
        if media_type == "image/jpeg":
            options |= {"qtables": image.quantization, "subsampling": _find_sampling(image)}
        elif media_type == "image/webp":
            options |= {"quality": 90, "xmp": b""}
        frames = getattr(image, "n_frames", 1) if image.format in _ANIMATED else 1
        upright = image if frames > 1 else ImageOps.exif_transpose(image)
        for key in _METADATA:
            upright.info.pop(key, None)
        made = io.BytesIO()
        upright.save(
            made, FORMATS[media_type], exif=b"", **options, **({"save_all": True} if frames > 1 else {})
        )
        return made.getvalue()


def _find_sampling(image: Image.Image) -> int:
    """Return the chroma subsampling of a JPEG as Pillow numbers it; 0, no subsampling, if Pillow cannot write it."""
    from PIL import JpegImagePlugin

    return max(0, int(JpegImagePlugin.get_sampling(image)))


@contextmanager
def _opened(name: str, contents: bytes, media_type: str) -> Iterator[Image.Image]:
    """Open a picture whose size was checked; errors of its decoding say that it is damaged."""
    from PIL import Image

    pixels = 0
    try:
        with Image.open(io.BytesIO(contents), formats=_list_formats(media_type)) as image:
            frames = getattr(image, "n_frames", 1) if image.format in _ANIMATED else 1
            pixels = image.width * image.height * frames
            if pixels <= MOST_PIXELS:
                yield image
                return
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInputError(f"{name} is too large; {_describe_limit()}") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError) as error:
        raise InvalidInputError(f"{name} is not a complete picture of type {media_type}: {error}") from error
    raise InvalidInputError(f"{name} has {pixels / 1e6:.0f} million pixels; {_describe_limit()}")


def _list_formats(media_type: str) -> list[str]:
    # Photographs with several sizes, or with a map of depth, begin as a JPEG.
    return ["JPEG", "MPO"] if media_type == "image/jpeg" else [FORMATS[media_type]]


def _describe_limit() -> str:
    return f"{MOST_PIXELS // 10**6} million pixels are accepted: reduce its size"
