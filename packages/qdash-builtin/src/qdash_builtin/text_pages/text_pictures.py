"""Pictures from results in the texts of users."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from qdash_core.errors import InvalidInputError

Drawing = Literal["figure", "thumbnail"]
"""Route of a result that draws a picture of a text."""
MOST_PICTURES = 20
"""Maximum number of pictures in a text."""

_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\(\s{0,8}<?([^\s()<>]{0,500})>?(?:\s[^)]{0,500})?\)")
"""Image in Markdown. Bounded, so that no text takes long; what it does not find is in no list of pictures, and so not drawn."""
_FILE = "file:"
"""Beginning of the address of a file that is attached to the record of the text."""
_PICTURE = re.compile(r"result:([^/]+)(?:/(.*))?")


@dataclass(frozen=True, slots=True)
class PictureAddress:
    """Address of a picture from a result, as texts write it: `result:TASK_ID`, or with `/figure` or `/thumbnail`."""

    text: str
    task_id: str
    drawing: Drawing = "figure"


def list_pictures(text: str) -> list[PictureAddress]:
    """Return the pictures of a text that are from results, each once; InvalidInputError if one is neither from a result nor a file."""
    addresses = dict.fromkeys(_IMAGE.findall(text))
    return [_parse_picture(address) for address in addresses if not address.startswith(_FILE)]


def _parse_picture(address: str) -> PictureAddress:
    found = _PICTURE.fullmatch(address)
    if found is None or (found[2] or "figure") not in get_args(Drawing):
        raise InvalidInputError(
            f"the picture {address!r} is neither from a result nor an attached file: write ![text](result:TASK_ID), result:TASK_ID/thumbnail or file:NAME"
        )
    return PictureAddress(address, found[1], cast("Drawing", found[2] or "figure"))
