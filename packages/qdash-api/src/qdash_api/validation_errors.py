"""Readable validation errors of a request, with suggestions for unknown names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

from qdash_api.problems import Complaint
from qdash_core.models.error_messages import describe_error
from qdash_core.models.fault_limit import MOST_FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi.dependencies.models import Dependant
    from starlette.requests import Request

_UNKNOWN = "extra_forbidden"
_NO_JSON = "json_invalid"
_NO_OBJECT = "model_attributes_type"


def list_validation_errors(request: Request, error: RequestValidationError) -> list[Complaint]:
    """Return the first twenty validation errors of a request."""
    route = request.scope.get("route")
    known = route if isinstance(route, APIRoute) else None
    return [
        Complaint(place=".".join(str(part) for part in one["loc"]), message=_describe(known, one))
        for one in error.errors()[:MOST_FAULTS]
    ]


def require_known_queries(route: APIRoute, request: Request) -> None:
    """Refuse query parameters that the route does not read: a misspelt filter would filter nothing.

    Raises RequestValidationError with each unknown name.
    """
    unknown = sorted({*request.query_params} - {*_iter_query_names(route.dependant)})
    if unknown:
        raise RequestValidationError(
            [{"type": _UNKNOWN, "loc": ("query", name), "msg": ""} for name in unknown]
        )


def _describe(route: APIRoute | None, complaint: Any) -> str:
    if complaint["type"] == _NO_OBJECT and complaint["loc"] == ("body",):
        return "it has to be a JSON object, sent with `Content-Type: application/json`"
    if complaint["type"] == _NO_JSON:
        return f"it is not valid JSON ({complaint['ctx']['error']})"
    message = describe_error(complaint)
    if complaint["type"] != _UNKNOWN or route is None:
        return message
    known = [*_list_known_names(route, complaint["loc"])]
    return f"{message} (known: {', '.join(known) or 'none'})"


def _list_known_names(route: APIRoute, place: tuple[int | str, ...]) -> Iterable[str]:
    """Return the names that are valid in the place of an unknown one."""
    if place[0] == "query":
        return _iter_query_names(route.dependant)
    inside = None if route.body_field is None else route.body_field.field_info.annotation
    for part in place[1:-1]:
        field = None
        for model in _iter_models(inside):
            field = model.model_fields.get(str(part), field)
        inside = inside if field is None else field.annotation
    return [name for model in _iter_models(inside) for name in model.model_fields]


def _iter_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _iter_models(part)


def _iter_query_names(dependant: Dependant) -> Iterator[str]:
    for further in dependant.dependencies:
        yield from _iter_query_names(further)
    for parameter in dependant.query_params:
        models = [*_iter_models(parameter.field_info.annotation)]
        yield from (name for model in models for name in model.model_fields)
        if not models:
            yield parameter.alias
