"""Declaration of routes: each with its required role and the type of its response."""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Required, TypedDict, TypeVar, Unpack, get_type_hints

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse

from qdash_api.pages import PageOf
from qdash_api.problems import MEDIA_TYPE, Problem
from qdash_api.process.limits import get_current_limits
from qdash_api.routing.bodies import LimitedRequest
from qdash_api.routing.call import CacheHit, Call, NotModified
from qdash_api.routing.disconnects import CLIENT_DISCONNECTED, watch_client
from qdash_api.routing.object_changes import ObjectReader, perform_recorded
from qdash_api.routing.required_role import RequiredRole, require_role
from qdash_api.routing.responses import make_not_modified_response, make_response
from qdash_api.validation_errors import require_known_queries
from qdash_core.cancellation import AbandonedError, allow_abandoning
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import LARGEST_PAGE, LONGEST_CURSOR, USUAL_PAGE, PageRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

F = TypeVar("F", bound="Callable[..., Any]")

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

_ETAG = {"description": "Version of the object", "schema": {"type": "string"}}


class _RouteOptions(TypedDict, total=False):
    """Declaration of every route: see `Routes`."""

    needs: Required[RequiredRole]
    answers: Any
    status: int
    slow: bool
    media_type: str | None


class _ReadOptions(_RouteOptions, total=False):
    versioned: bool
    documented: bool
    paged: bool


class _WriteOptions(_RouteOptions, total=False):
    reads: bool
    edits: bool
    idempotent: bool
    creates: bool
    compares: str


class GuardedRoute(APIRoute):
    """Route that checks its caller before it reads the body.

    Attributes
    ----------
    needs
        Required role of the caller.
    reads
        True if it changes nothing.
    slow
        True if it may take long.
    on_the_loop
        True if it answers in the event loop.
    """

    @property
    def needs(self) -> RequiredRole:
        """Required role of the caller."""
        value: RequiredRole = self.endpoint.__qdash_needs__  # type: ignore[attr-defined]
        return value

    @property
    def reads(self) -> bool:
        """True if the route changes nothing."""
        value: bool = self.endpoint.__qdash_reads__  # type: ignore[attr-defined]
        return value

    @property
    def slow(self) -> bool:
        """True if the route may take long."""
        value: bool = self.endpoint.__qdash_slow__  # type: ignore[attr-defined]
        return value

    @property
    def is_quick(self) -> bool:
        """True for a fast read, whose client is watched only while it waits for its slot."""
        return self.reads and not self.slow

    @property
    def runs_in_event_loop(self) -> bool:
        """True if the route answers in the event loop, without a slot or a thread."""
        value: bool = self.endpoint.__qdash_on_the_loop__  # type: ignore[attr-defined]
        return value

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of requests, behind the access check."""
        handle = super().get_route_handler()

        async def handle_guarded(request: Request) -> Response:
            if self.needs is not RequiredRole.OPEN:
                require_role(request.state.caller, self.needs, reads=self.reads)
                _require_path_project(request, self.needs)
                require_known_queries(self, request)
            limited = LimitedRequest(request.scope, request.receive)
            if self.runs_in_event_loop:
                return await handle(limited)
            try:
                return await self._respond_in_slots(limited, handle)
            except AbandonedError:  # nobody receives this response: it is for the logs
                return Response(status_code=CLIENT_DISCONNECTED)

        return handle_guarded

    async def _respond_in_slots(
        self, request: Request, handle: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Response:
        """Handle a request in its slots; write it to the audit log first if it may change something.

        The body is read before, so that a slow sender holds no slot. A refused request has written nothing.
        """
        anonymous = self.needs is RequiredRole.OPEN
        user = "" if anonymous else request.state.caller.username
        kinds = get_current_limits().for_route(reads=self.reads, slow=self.slow, anonymous=anonymous)
        request.state.threads = kinds[-1].threads
        try:
            await request.body()
        except ClientDisconnect:
            raise AbandonedError from None
        if self.is_quick and (slot := kinds[0].acquire_free(user)) is not None:
            with slot:
                return await handle(request)
        async with watch_client(request.receive) as client:
            with ExitStack() as slots_held, allow_abandoning(client.has_disconnected):
                for slots in kinds:
                    slots_held.enter_context(await client.acquire(slots, user))
                if not self.reads and not anonymous:
                    await to_thread.run_sync(
                        request.state.audit_entry.begin, self.operation_id, limiter=request.state.threads
                    )
                return await handle(request)


class Routes:
    """Routes of one resource.

    A route is declared by a decorator of a function, which takes a `Call` and the parameters of path, query
    and body. The decorators take these keywords:

    needs : RequiredRole
        Required role of the caller.
    answers : type or None
        Document of the response, or None for an empty response (204) or one of `media_type`.
    status : int
        Status of the response.
    slow : bool
        Whether it may take long: `process.limits` allows few of these at a time, and fewer of one user.
    media_type : str or None
        Media type of a response that is not JSON.
    versioned : bool
        For reads: whether the response has an ETag, and 304 is sent to a caller that has this version. The
        function sets it by `Call.set_version` or `Call.set_changed_at`.
    documented : bool
        For reads: whether the OpenAPI document has the route.
    paged : bool
        For reads: whether the response holds a page of a list although its type is not `PageOf`.
    reads : bool
        For methods other than GET: whether it still changes nothing, so that it is not in the audit log.
    edits : bool
        For writes: whether it honours `If-Match` and sends the next ETag. The function reads `Call.as_of`.
    idempotent : bool
        Whether it honours `Idempotency-Key`.
    creates : bool
        Whether the audit log keeps the fields of the created object, which is the response.
    compares : str
        Path of the route that shows the object, so that the audit log keeps its changed fields; empty for objects with a
        history of their own. Of the same resource, and declared before.

    Parameters
    ----------
    tag : str
        Tag of the routes in the OpenAPI document.

    Attributes
    ----------
    router
        Router that the application includes.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.router = APIRouter(tags=[tag], route_class=GuardedRoute)
        self._readers: dict[str, ObjectReader] = {}

    def get(self, path: str, **options: Unpack[_ReadOptions]) -> Callable[[F], F]:
        """Declare a route that reads."""
        return self._declare("GET", path, **options)

    def post(self, path: str, **options: Unpack[_WriteOptions]) -> Callable[[F], F]:
        """Declare a route that creates something or performs an action."""
        return self._declare("POST", path, **options)

    def put(self, path: str, **options: Unpack[_WriteOptions]) -> Callable[[F], F]:
        """Declare a route that replaces a resource."""
        return self._declare("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[_WriteOptions]) -> Callable[[F], F]:
        """Declare a route that changes fields of a resource."""
        return self._declare("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[_WriteOptions]) -> Callable[[F], F]:
        """Declare a route that deletes."""
        return self._declare("DELETE", path, **options)

    def _declare(
        self,
        method: str,
        path: str,
        *,
        needs: RequiredRole,
        answers: Any = None,
        status: int = 200,
        slow: bool = False,
        reads: bool = False,
        versioned: bool = False,
        documented: bool = True,
        paged: bool = False,
        edits: bool = False,
        idempotent: bool = False,
        creates: bool = False,
        compares: str = "",
        media_type: str | None = None,
    ) -> Callable[[F], F]:
        if answers is None and media_type is None:
            status = 204

        def declare(function: F) -> F:
            if method == "GET":
                self._readers[path] = ObjectReader(function)
            performed: Callable[..., Any] = function
            if creates or compares:
                reader = self._readers[compares] if compares else None
                performed = _record_changes(function, reader)
            endpoint = _make_endpoint(performed, status=status)
            endpoint.__qdash_slow__ = slow  # type: ignore[attr-defined]
            endpoint.__qdash_needs__ = needs  # type: ignore[attr-defined]
            endpoint.__qdash_on_the_loop__ = inspect.iscoroutinefunction(function)  # type: ignore[attr-defined]
            endpoint.__qdash_reads__ = reads or method == "GET"  # type: ignore[attr-defined]
            listed = paged or (isinstance(answers, type) and issubclass(answers, PageOf))
            endpoint.__signature__ = _make_signature(  # type: ignore[attr-defined]
                function, listed=listed, versioned=versioned, edits=edits, idempotent=idempotent
            )
            self.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                include_in_schema=documented,
                operation_id=function.__name__,
                summary=(inspect.getdoc(function) or "").split("\n", 1)[0].rstrip("."),
                description=inspect.getdoc(function),
                response_model=answers,
                response_class=JSONResponse if media_type is None else Response,
                status_code=status,
                responses=_describe_responses(
                    status, media_type, known=versioned, etag=versioned or edits, needs=needs
                ),
            )
            return function

        return declare


def _make_endpoint(function: Callable[..., Any], *, status: int) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint for FastAPI, which runs the function and serializes its result in a thread."""

    def perform(call: Call, given: dict[str, Any]) -> Response:
        try:
            response = make_response(call, function(call, **given), status)
        except NotModified:
            return make_not_modified_response(call)
        except CacheHit as hit:
            return make_response(call, hit.body, status)
        if not isinstance(response, StreamingResponse):
            call.cache_response(bytes(response.body))
        return response

    @wraps(function)
    async def endpoint(**given: Any) -> Response:
        request: Request = given.pop("request")
        page = PageRequest(given.pop("limit"), given.pop("after")) if "limit" in given else PageRequest()
        for header in ("if_match", "if_none_match", "idempotency_key"):
            given.pop(header, None)
        return await to_thread.run_sync(perform, Call(request, page), given, limiter=request.state.threads)

    if inspect.iscoroutinefunction(function):
        return _make_coroutine_endpoint(function, status=status)
    return endpoint


def _record_changes(function: Callable[..., Any], reader: ObjectReader | None) -> Callable[..., Any]:
    """Return a function of a route that records the changed fields in the audit log."""

    @wraps(function)
    def perform(call: Call, **given: Any) -> Any:
        return perform_recorded(function, reader, call, given)

    return perform


def _make_coroutine_endpoint(
    function: Callable[..., Any], *, status: int
) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint of a coroutine, which answers even if all threads are busy."""

    @wraps(function)
    async def endpoint(**given: Any) -> Response:
        call = Call(given.pop("request"), PageRequest())
        return make_response(call, await function(call, **given), status)

    return endpoint


def _require_path_project(request: Request, needs: RequiredRole) -> None:
    """Check that the project in the path is the one for which the caller was authenticated."""
    named = request.path_params.get("project_id")
    if named is not None and needs.role is not None and request.state.caller.access.project_id != named:
        raise NotFoundError(f"there is no project {named!r}")


def _make_signature(
    function: Callable[..., Any], *, listed: bool, versioned: bool, edits: bool, idempotent: bool
) -> inspect.Signature:
    """Return the signature for FastAPI, with the parameters that the declaration adds."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    further: dict[str, tuple[Any, Any]] = {"request": (Request, inspect.Parameter.empty)}
    if listed:
        further |= {"limit": (_Limit, USUAL_PAGE), "after": (_After, None)}
    if versioned:
        further["if_none_match"] = (_IfNoneMatch, None)
    if edits:
        further["if_match"] = (_IfMatch, None)
    if idempotent:
        further["idempotency_key"] = (_IdempotencyKey, None)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            *(one.replace(annotation=hints[one.name], kind=keyword) for one in own),
            *(
                inspect.Parameter(name, keyword, annotation=kind, default=default)
                for name, (kind, default) in further.items()
            ),
        ]
    )


def _describe_responses(
    status: int, media_type: str | None, *, known: bool, etag: bool, needs: RequiredRole
) -> dict[int | str, Any]:
    responses: dict[int | str, Any] = {
        "default": {
            "description": "Error",
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
    }
    if media_type is not None:
        responses[status] = {"description": "File", "content": {media_type: {}}}
    if etag:
        responses.setdefault(status, {})["headers"] = {"ETag": _ETAG}
    if known:
        responses[304] = {"description": "The caller has the current version", "headers": {"ETag": _ETAG}}
    if needs is RequiredRole.OPEN:
        return responses
    return {401: {**responses["default"], "description": "The token is missing or not valid"}, **responses}
