"""Types of values in annotations of fields and parameters."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_optional(annotation: Any) -> bool:
    """Return whether a value of this type may be absent."""
    return NoneType in iter_parts(annotation)


def iter_parts(annotation: Any) -> Iterator[Any]:
    """Yield the types that a value may have."""
    if get_origin(annotation) is Annotated:
        yield from iter_parts(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from iter_parts(part)
    else:
        yield annotation


def iter_metadata(annotation: Any) -> Iterator[Any]:
    """Yield the metadata of an annotation, then those of its alternatives."""
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
        yield from iter_metadata(annotation.__origin__)
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from iter_metadata(part)
