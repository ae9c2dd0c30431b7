"""Parameters of operations, as FastAPI reads them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from fastapi import Header, Path, Query, Request
from pydantic.fields import FieldInfo

from qdash_api.routing.bodies import ReadBody
from qdash_core.models.pages import LARGEST_PAGE, LONGEST_CURSOR, USUAL_PAGE
from qdash_core.operations.parameters import Place, list_parameters

if TYPE_CHECKING:
    from fastapi.params import Param

    from qdash_core.operations.bodies import Filter
    from qdash_core.operations.operation import Operation
    from qdash_core.operations.parameters import Parameter

_Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Maximum number of items.")]
_After = Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the previous page.")]
_IdempotencyKey = Annotated[
    str | None,
    Header(
        max_length=200,
        description="Key of the request: a repetition with the same key has no further effect.",
    ),
]
_IfMatch = Annotated[
    str | None,
    Header(max_length=200, description="ETag of the version to change; 412 if there is a newer version."),
]
_IfNoneMatch = Annotated[
    str | None,
    Header(max_length=2000, description="ETag of the version that the caller has; 304 if it is unchanged."),
]
_BY_NAME = inspect.Parameter.KEYWORD_ONLY


def describe_parameters(
    operation: Operation[..., Any],
) -> tuple[dict[str, type[Filter]], inspect.Signature]:
    """Return the sets of filters among the parameters of an operation, and the signature for FastAPI.

    The signature has each filter of a set as a query parameter, and those parameters that the declaration adds.
    """
    filters: dict[str, type[Filter]] = {}
    parameters: list[inspect.Parameter] = []
    for one in list_parameters(operation):
        if one.place is Place.FILTERS:
            filters[one.name] = one.kind
            parameters += _list_filters(one.kind)
        else:
            parameters.append(_make_parameter(one))
    return filters, inspect.Signature([*parameters, *_list_further(operation)])


def _list_filters(model: type[Filter]) -> list[inspect.Parameter]:
    found = []
    for name, field in model.model_fields.items():
        default = (
            inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
        )
        kind: Any = Annotated[(field.annotation, _make_param(Query, field))]
        found.append(inspect.Parameter(name, _BY_NAME, annotation=kind, default=default))
    return found


def _make_parameter(one: Parameter) -> inspect.Parameter:
    kind = one.kind
    if one.place is Place.RAW_BODY:
        kind = ReadBody
    elif one.place is Place.BODY:
        one.model.model_config["defer_build"] = (
            False  # built on first use, it would print a warning of pydantic
        )
    elif get_origin(kind) is Annotated:
        type_, *extras = get_args(kind)
        param = Path if one.place is Place.PATH else Query
        extras = [_make_param(param, extra) if type(extra) is FieldInfo else extra for extra in extras]
        kind = Annotated[(type_, *extras)]
    return inspect.Parameter(one.name, _BY_NAME, annotation=kind, default=one.default)


def _make_param(param: Any, field: FieldInfo) -> Param:
    """Return a field as a parameter of a path or query, with its limits and description."""
    made: Param = param(alias=field.alias, description=field.description)
    made.metadata = field.metadata
    return made


def _list_further(operation: Operation[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters that the declaration of an operation adds."""
    further: dict[str, tuple[Any, Any]] = {"request": (Request, inspect.Parameter.empty)}
    if operation.is_listed:
        further |= {"limit": (_Limit, USUAL_PAGE), "after": (_After, None)}
    if operation.versioned:
        further["if_none_match"] = (_IfNoneMatch, None)
    if operation.edits:
        further["if_match"] = (_IfMatch, None)
    if operation.idempotent:
        further["idempotency_key"] = (_IdempotencyKey, None)
    return [
        inspect.Parameter(name, _BY_NAME, annotation=kind, default=default)
        for name, (kind, default) in further.items()
    ]
