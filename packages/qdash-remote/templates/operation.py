"""Operations of the host, which the modules of `api` declare: their requests, and their parsed responses."""

from __future__ import annotations

from datetime import date
from functools import cache, wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast
from urllib.parse import quote

import attrs
from pydantic import BaseModel, Field

from qdash_core.operations import bodies
from qdash_remote.generated.errors import UnexpectedStatus
from qdash_remote.generated.types import UNSET, File, Response, Unset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_remote.generated import AuthenticatedClient, Client

P = ParamSpec("P")
T = TypeVar("T")
AnswerT = TypeVar("AnswerT", bound="BaseModel | None")


class Body:
    """Body of a request. Fields that are not given are not sent: the host has their defaults, or keeps the values."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are given, as JSON values."""
        fields = attrs.fields(type(self))  # type: ignore[arg-type]  # every subclass is one of attrs
        return {
            field.name: to_json(value) for field in fields if _is_given(value := getattr(self, field.name))
        }


class PageOf(BaseModel, Generic[T]):
    """Page of a list."""

    items: list[T]
    """Items of the page."""
    next_: str | None = Field(None, alias="next")
    """Parameter `after` of the next page, or None on the last one."""


@cache
def page_of(item: type[T]) -> type[PageOf[T]]:
    """Return the model of a page, which pydantic would make anew for each response."""
    return PageOf[item]  # type: ignore[valid-type]


class Operation(Generic[P, T]):
    """Operation of the host.

    Attributes
    ----------
    sync : callable
        Sends the request, and returns the parsed response; None if it is not JSON.
    sync_detailed : callable
        Sends the request, and returns the response with its content, headers and status.
    """

    def __init__(self, sync: Callable[P, T], sync_detailed: Callable[P, Response[T]]) -> None:
        self.sync = sync
        self.sync_detailed = sync_detailed
        self.__doc__ = sync.__doc__


def operation(request: Callable[P, Response[T]]) -> Operation[P, T]:
    """Return the operation of a function that sends its request."""

    @wraps(request)
    def sync(*args: P.args, **options: P.kwargs) -> T:
        return cast("T", request(*args, **options).parsed)

    return Operation(sync, request)


def send_request(
    client: AuthenticatedClient | Client,
    method: str,
    path: str,
    answer: type[AnswerT],
    *,
    status: int = 200,
    params: Mapping[str, object] | None = None,
    headers: Mapping[str, object] | None = None,
    body: object = UNSET,
) -> Response[AnswerT]:
    """Send a request, and return the response, parsed if it is a JSON document.

    Parameters
    ----------
    client : AuthenticatedClient or Client
        Client of the host, whose connection raises the errors of the core.
    method, path : str
        Request.
    answer : type
        Model of the response, or `NoneType` if it is not parsed.
    status : int
        Status of the response.
    params, headers : mapping or None
        Query parameters and headers; those that are `UNSET` or None are not sent.
    body : Body, pydantic.BaseModel, File, None or Unset
        Body, or `UNSET` for none.

    Raises
    ------
    UnexpectedStatus
        If the response has another status.
    """
    sent = {name: str(value) for name, value in _select_given(headers).items()}
    content: dict[str, Any] = {}
    if isinstance(body, File):
        content["content"] = body.payload
        sent["content-type"] = "application/octet-stream"
    elif _is_given(body):
        content["json"] = to_json(body)
    response = client.get_httpx_client().request(
        method, path, params=_select_given(params), headers=sent, **content
    )
    if response.status_code != status:
        raise UnexpectedStatus(response.status_code, response.content)
    parsed = None
    if issubclass(answer, BaseModel):
        parsed = answer.model_validate_json(response.content, extra="ignore")
    return Response(
        HTTPStatus(response.status_code), response.content, response.headers, cast("AnswerT", parsed)
    )


def quote_segment(value: object) -> str:
    """Return a value as one segment of a path."""
    return quote(str(value), safe="")


def to_json(value: object) -> Any:
    """Return a value of a request as a JSON value."""
    match value:
        case bodies.Body():
            return {name: to_json(getattr(value, name)) for name in value.model_fields_set}
        case BaseModel():
            return value.model_dump(mode="json", exclude_none=True)
        case Body():
            return value.to_dict()
        case date():
            return value.isoformat()
        case list() | tuple():
            return [to_json(item) for item in value]
        case dict():
            return {name: to_json(item) for name, item in value.items()}
    return value


def _select_given(values: Mapping[str, object] | None) -> dict[str, Any]:
    """Return the query parameters or headers that are sent."""
    return {
        name: to_json(value)
        for name, value in (values or {}).items()
        if _is_given(value) and value is not None
    }


def _is_given(value: object) -> bool:
    return not isinstance(value, Unset)
