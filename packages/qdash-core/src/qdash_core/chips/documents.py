"""Documents about chips that people write by hand, checked field by field."""

from __future__ import annotations

from typing import Any

from qdash_core.errors import InvalidInputError


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
