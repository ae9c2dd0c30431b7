"""Validation of field names in hand-written documents about chips."""

from __future__ import annotations

from typing import Any

from qdash_core.errors import InvalidInputError


def require_fields(
    document: object, keys: tuple[str, ...], where: str, *, optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the document as a mapping that has all of `keys` and no others except `optional` ones.

    Raises
    ------
    InvalidInputError
        If it is not a mapping, or a key is unknown or missing. `where` is the path of the document in the
        message.
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
