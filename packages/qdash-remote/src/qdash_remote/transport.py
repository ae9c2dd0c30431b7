"""Requests and answers of operations of the core, as a host receives and sends them."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from qdash_core.models.targets import get_target_kind
from qdash_core.operations.answers import FileAnswer, TextAnswer
from qdash_core.operations.bodies import Body
from qdash_core.operations.operation import read_hints
from qdash_core.operations.parameters import Place, list_parameters
from qdash_remote.problems import HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from qdash_core.operations.bodies import Filter
    from qdash_core.operations.operation import CallOptions, Operation

T = TypeVar("T")


def make_request(
    operation: Operation[..., Any], given: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the request of an operation, as the keywords of `httpx.Client.request`.

    Arguments that are not given are not sent: the host has its default, or keeps the value.

    Raises TypeError if the operation has no such parameters.
    """
    arguments = _get_signature(operation.function).bind(None, *given, **named).arguments
    path, query = operation.path, _list_page(operation.options)
    made: dict[str, Any] = {"headers": _list_headers(operation.options)}
    for one in list_parameters(operation):
        if one.name not in arguments:
            continue
        value = arguments[one.name]
        match one.place:
            case Place.PATH:
                path = path.replace(f"{{{one.name}}}", quote(str(value), safe=""))
                if one.name == "target":
                    path = path.replace("{kind}", get_target_kind(value))
            case Place.QUERY:
                query[one.sent_as] = value
            case Place.FILTERS:
                query |= _list_filters(value)
            case Place.RAW_BODY:
                made["content"] = value
                made["headers"]["content-type"] = "application/octet-stream"
            case Place.BODY if value is not None:
                made["json"] = to_json(value)
    params = {name: to_jsonable_python(value) for name, value in query.items() if value is not None}
    return {"method": operation.method, "url": path, "params": params, **made}


def read_answer(operation: Operation[..., T], response: httpx.Response) -> T:
    """Return the answer of an operation; fields that a newer host adds are ignored.

    Raises HostError if the response is no answer of the operation, such as that of a proxy.
    """
    if operation.answers is not None:
        return cast("T", read_json(operation.answers, response))
    require_success(response)
    return cast("T", _read_contents(read_hints(operation.function).get("return"), response))


def read_json(kind: Callable[..., T], response: httpx.Response) -> T:
    """Return a response as a model, without the fields that the model lacks; raise HostError if it is no such answer."""
    require_success(response)
    try:
        return cast("T", _get_parser(kind).validate_json(response.content, extra="ignore"))
    except ValidationError as error:
        raise _make_error(response, f"{error.error_count()} fields are not valid") from error


def require_success(response: httpx.Response) -> None:
    """Raise HostError if a response is neither an answer nor an error, such as that of a proxy."""
    if not response.is_success:
        raise _make_error(response, "it is no answer")


def _read_contents(kind: Any, response: httpx.Response) -> FileAnswer | TextAnswer | None:
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if kind is FileAnswer:
        return FileAnswer([response.content], _read_name(response.headers), media_type)
    return TextAnswer(response.text, media_type) if kind is TextAnswer else None


def to_json(value: object) -> Any:
    """Return a value of a body as JSON: of a `Body`, the given fields; of another model, those that are not None."""
    match value:
        case Body():
            return {name: to_json(getattr(value, name)) for name in value.model_fields_set}
        case BaseModel():
            return value.model_dump(mode="json", exclude_none=True)
        case list() | tuple():
            return [to_json(item) for item in value]
        case dict():
            return {name: to_json(item) for name, item in value.items()}
    return to_jsonable_python(value)


def _list_page(options: CallOptions) -> dict[str, Any]:
    return {"limit": options.limit, "after": options.after}


def _list_headers(options: CallOptions) -> dict[str, str]:
    headers = {"if-match": options.version, "idempotency-key": options.key}
    return {name: value for name, value in headers.items() if value is not None}


def _list_filters(filters: Filter) -> dict[str, Any]:
    fields = type(filters).model_fields
    return {fields[name].alias or name: getattr(filters, name) for name in filters.model_fields_set}


def _read_name(headers: httpx.Headers) -> str:
    """Return the name of a file, empty if the host sends none."""
    named: str = headers.get("content-disposition", "")
    return named.partition('filename="')[2].rstrip('"')


def _make_error(response: httpx.Response, reason: str) -> HostError:
    request = response.request
    return HostError(
        f"{request.method} {request.url}: the response {response.status_code} is not what was expected, as {reason}",
        status=response.status_code,
    )


@cache
def _get_signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


@cache
def _get_parser(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
