"""Parameters of operations, as requests have them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from qdash_core.operations.bodies import Filter, RawBody
from qdash_core.operations.operation import read_hints

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.operations.operation import Operation


class Place(StrEnum):
    """Part of a request that has a parameter; the fields of `FILTERS` are query parameters."""

    PATH = "path"
    QUERY = "query"
    FILTERS = "filters"
    BODY = "body"
    RAW_BODY = "raw body"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Parameter of an operation.

    It has a name in the function and one in the request (`sent_as`), and a place there. `kind` is the annotation,
    with limits and description. `default` is `inspect.Parameter.empty` if there is none.
    """

    name: str
    sent_as: str
    place: Place
    kind: Any
    default: Any

    @property
    def is_project(self) -> bool:
        """True for the project of a path, which the transport gives."""
        return self.place is Place.PATH and self.name == "project_id"

    @property
    def model(self) -> type[BaseModel]:
        """Model of filters or of a body, which may be absent."""
        return _list_models(self.kind)[0]


def list_parameters(operation: Operation[..., Any]) -> tuple[Parameter, ...]:
    """Return the parameters of an operation, without its `Call`, in their order."""
    return _list_parameters(operation.function, operation.path)


@cache
def _list_parameters(function: Callable[..., Any], path: str) -> tuple[Parameter, ...]:
    hints = read_hints(function)
    _, *own = inspect.signature(function).parameters.values()
    return tuple(
        Parameter(
            one.name,
            _find_alias(hints[one.name]) or one.name,
            _find_place(one.name, hints[one.name], path),
            hints[one.name],
            one.default,
        )
        for one in own
    )


def _find_place(name: str, kind: Any, path: str) -> Place:
    if f"{{{name}}}" in path:
        return Place.PATH
    if kind == RawBody:
        return Place.RAW_BODY
    models = _list_models(kind)
    if not models:
        return Place.QUERY
    return Place.FILTERS if issubclass(models[0], Filter) else Place.BODY


def _list_models(kind: Any) -> list[type[BaseModel]]:
    return [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)]


def _find_alias(kind: Any) -> str | None:
    fields = (one for one in getattr(kind, "__metadata__", ()) if isinstance(one, FieldInfo))
    return next((one.alias for one in fields if one.alias), None)
