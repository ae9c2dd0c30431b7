"""Files about chips that people write by hand: read, and refused with the field that is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from os import PathLike


def read_text(path: str | PathLike[str], kind: str) -> str:
    """Return what a file holds; a message says of which `kind` it was to be.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFoundError(f"there is no {kind} file {os.fspath(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{kind} file {os.fspath(path)} cannot be read: {error}") from error


def fields(
    document: object, keys: tuple[str, ...], where: str, *, optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a mapping that has all of `keys`, and at most the `optional` ones beside.

    Raises
    ------
    InvalidInputError
        If it is none, or a key is unknown or missing; `where` is the field's own place.
    """
    known = (*keys, *optional)
    if not isinstance(document, dict):
        raise InvalidInputError(
            f"{where} is a {type(document).__name__}, not a mapping of {', '.join(known)}"
        )
    for key in document:
        if key not in known:
            raise InvalidInputError(f"{where} has an unknown key {key!r}; known are {', '.join(known)}")
    for key in keys:
        if key not in document:
            raise InvalidInputError(f"{where} has no {key}")
    return document
