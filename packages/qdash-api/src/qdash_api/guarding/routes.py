"""The one way in which a route of the host is made: with what it needs of its caller, and what it answers."""

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

from qdash_api.complaints import require_known_queries
from qdash_api.guarding.answers import answer, not_modified
from qdash_api.guarding.bodies import LimitedRequest
from qdash_api.guarding.call import Call, Known, NotModified
from qdash_api.guarding.disconnects import CLIENT_DISCONNECTED, watch_client
from qdash_api.guarding.needs import Needs, require
from qdash_api.pages import PageOf
from qdash_api.problems import MEDIA_TYPE, Problem
from qdash_api.process.limits import current_limits
from qdash_core.cancellation import AbandonedError, abandonable
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import LARGEST_PAGE, LONGEST_CURSOR, USUAL_PAGE, PageRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

F = TypeVar("F", bound="Callable[..., Any]")

_Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="At most so many items.")]
_After = Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before.")]
_Key = Annotated[
    str | None, Header(max_length=200, description="Asked for again with the same key, it is done once.")
]
_Match = Annotated[str | None, Header(max_length=200, description="ETag of what is changed, as it was read.")]
_NoneMatch = Annotated[
    str | None, Header(max_length=2000, description="ETag of what the caller has: 304 where it is the same.")
]

_ETAG = {"description": "Which version this is", "schema": {"type": "string"}}


class _Declared(TypedDict, total=False):
    """What is said of every route: see `Routes`."""

    needs: Required[Needs]
    answers: Any
    status: int
    slow: bool
    media_type: str | None


class _Read(_Declared, total=False):
    versioned: bool


class _Written(_Declared, total=False):
    reads: bool
    edits: bool
    once: bool


class GuardedRoute(APIRoute):
    """A route that looks at its caller before it reads the body.

    Attributes
    ----------
    needs
        The least that a caller has to be.
    reads
        Whether it changes nothing.
    slow
        Whether it may take long.
    on_the_loop
        Whether it answers in the event loop.
    """

    @property
    def needs(self) -> Needs:
        """The least that a caller has to be."""
        found: Needs = self.endpoint.__qdash_needs__  # type: ignore[attr-defined]
        return found

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        found: bool = self.endpoint.__qdash_reads__  # type: ignore[attr-defined]
        return found

    @property
    def slow(self) -> bool:
        """Return whether it may take long."""
        found: bool = self.endpoint.__qdash_slow__  # type: ignore[attr-defined]
        return found

    @property
    def is_quick(self) -> bool:
        """Return whether it is a quick read, whose client is watched only while it waits for its slot."""
        return self.reads and not self.slow

    @property
    def on_the_loop(self) -> bool:
        """Return whether it answers in the event loop, without a slot and a thread."""
        found: bool = self.endpoint.__qdash_on_the_loop__  # type: ignore[attr-defined]
        return found

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request, behind the guard."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if self.needs is not Needs.OPEN:
                require(request.state.caller, self.needs, reads=self.reads)
                _require_the_project_of_the_path(request, self.needs)
                require_known_queries(self, request)
            limited = LimitedRequest(request.scope, request.receive)
            if self.on_the_loop:
                return await handle(limited)
            try:
                return await self._answer_in_slots(limited, handle)
            except AbandonedError:  # nobody receives this answer: it is for the logs
                return Response(status_code=CLIENT_DISCONNECTED)

        return guarded

    async def _answer_in_slots(
        self, request: Request, handle: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Response:
        """Answer a request while it holds its slots; if it may change something, write it to the audit log first.

        The body is read before that, so that a slow sender holds no slot. A refused request has written nothing.
        """
        anonymous = self.needs is Needs.OPEN
        user = "" if anonymous else request.state.caller.username
        kinds = current_limits().for_route(reads=self.reads, slow=self.slow, anonymous=anonymous)
        request.state.threads = kinds[-1].threads
        try:
            await request.body()
        except ClientDisconnect:
            raise AbandonedError from None
        if self.is_quick and (slot := kinds[0].acquire_free(user)) is not None:
            with slot:
                return await handle(request)
        async with watch_client(request.receive) as client:
            with ExitStack() as held, abandonable(client.has_disconnected):
                for slots in kinds:
                    held.enter_context(await client.acquire(slots, user))
                if not self.reads and not anonymous:
                    await to_thread.run_sync(request.state.audited.begin, limiter=request.state.threads)
                return await handle(request)


class Routes:
    """The routes of one resource.

    A route is declared by a decorator of a function of a `Call` and of what path, query and body say, with these keywords:

    needs : Needs
        The least that a caller has to be.
    answers : type or None
        The document that is answered; None: nothing (204), or what `media_type` says.
    status : int
        Of the answer.
    slow : bool
        Whether it may take long: `process.limits` allows few of these at a time, and fewer of one user.
    media_type : str or None
        Of an answer that is no JSON.
    versioned : bool
        Of what is read, whether it has an ETag, and is not sent to who has that version: the function says which, by
        `Call.version` or `Call.changed_at`.
    reads : bool
        Of what is no GET, whether it changes nothing all the same: then it stands in no audit log.
    edits : bool
        Of what is written, whether `If-Match` is heeded, and the answer has the next ETag: the function reads `Call.as_of`.
    once : bool
        Whether `Idempotency-Key` is heeded.

    Parameters
    ----------
    tag : str
        Under which they stand in the OpenAPI document.

    Attributes
    ----------
    router
        What the app includes.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.router = APIRouter(tags=[tag], route_class=GuardedRoute)

    def get(self, path: str, **declared: Unpack[_Read]) -> Callable[[F], F]:
        """Declare a route that reads."""
        return self._declare("GET", path, **declared)

    def post(self, path: str, **declared: Unpack[_Written]) -> Callable[[F], F]:
        """Declare a route that makes or does something."""
        return self._declare("POST", path, **declared)

    def put(self, path: str, **declared: Unpack[_Written]) -> Callable[[F], F]:
        """Declare a route that writes a whole."""
        return self._declare("PUT", path, **declared)

    def patch(self, path: str, **declared: Unpack[_Written]) -> Callable[[F], F]:
        """Declare a route that changes parts."""
        return self._declare("PATCH", path, **declared)

    def delete(self, path: str, **declared: Unpack[_Written]) -> Callable[[F], F]:
        """Declare a route that takes away."""
        return self._declare("DELETE", path, **declared)

    def _declare(
        self,
        method: str,
        path: str,
        *,
        needs: Needs,
        answers: Any = None,
        status: int = 200,
        slow: bool = False,
        reads: bool = False,
        versioned: bool = False,
        edits: bool = False,
        once: bool = False,
        media_type: str | None = None,
    ) -> Callable[[F], F]:
        if answers is None and media_type is None:
            status = 204

        def declare(function: F) -> F:
            endpoint = _endpoint(function, status=status)
            endpoint.__qdash_slow__ = slow  # type: ignore[attr-defined]
            endpoint.__qdash_needs__ = needs  # type: ignore[attr-defined]
            endpoint.__qdash_on_the_loop__ = inspect.iscoroutinefunction(function)  # type: ignore[attr-defined]
            endpoint.__qdash_reads__ = reads or method == "GET"  # type: ignore[attr-defined]
            listed = isinstance(answers, type) and issubclass(answers, PageOf)
            endpoint.__signature__ = _signature(  # type: ignore[attr-defined]
                function, listed=listed, versioned=versioned, edits=edits, once=once
            )
            self.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                operation_id=function.__name__,
                summary=(inspect.getdoc(function) or "").split("\n", 1)[0].rstrip("."),
                description=inspect.getdoc(function),
                response_model=answers,
                response_class=JSONResponse if media_type is None else Response,
                status_code=status,
                responses=_responses(
                    status, media_type, known=versioned, etag=versioned or edits, needs=needs
                ),
            )
            return function

        return declare


def _endpoint(function: Callable[..., Any], *, status: int) -> Callable[..., Awaitable[Response]]:
    """Return what FastAPI calls: the function, and the bytes of its answer, in a thread."""

    def perform(call: Call, given: dict[str, Any]) -> Response:
        try:
            response = answer(call, function(call, **given), status)
        except NotModified:
            return not_modified(call)
        except Known as known:
            return answer(call, known.body, status)
        if not isinstance(response, StreamingResponse):
            call.remember(bytes(response.body))
        return response

    @wraps(function)
    async def endpoint(**given: Any) -> Response:
        request: Request = given.pop("request")
        page = PageRequest(given.pop("limit"), given.pop("after")) if "limit" in given else PageRequest()
        for header in ("if_match", "if_none_match", "idempotency_key"):
            given.pop(header, None)
        return await to_thread.run_sync(perform, Call(request, page), given, limiter=request.state.threads)

    if inspect.iscoroutinefunction(function):
        return _on_the_loop(function, status=status)
    return endpoint


def _on_the_loop(function: Callable[..., Any], *, status: int) -> Callable[..., Awaitable[Response]]:
    """Return what FastAPI calls for a function that waits for nothing but the loop: it answers when all threads are busy."""

    @wraps(function)
    async def endpoint(**given: Any) -> Response:
        call = Call(given.pop("request"), PageRequest())
        return answer(call, await function(call, **given), status)

    return endpoint


def _require_the_project_of_the_path(request: Request, needs: Needs) -> None:
    """Hold fast that the project that the gate looked at is the one that the path names."""
    named = request.path_params.get("project_id")
    if named is not None and needs.role is not None and request.state.caller.access.project_id != named:
        raise NotFoundError(f"there is no project {named!r}")


def _signature(
    function: Callable[..., Any], *, listed: bool, versioned: bool, edits: bool, once: bool
) -> inspect.Signature:
    """Return the parameters that FastAPI reads: those of the function but the call, and those that the declaration brings."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    further: dict[str, tuple[Any, Any]] = {"request": (Request, inspect.Parameter.empty)}
    if listed:
        further |= {"limit": (_Limit, USUAL_PAGE), "after": (_After, None)}
    if versioned:
        further["if_none_match"] = (_NoneMatch, None)
    if edits:
        further["if_match"] = (_Match, None)
    if once:
        further["idempotency_key"] = (_Key, None)
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


def _responses(
    status: int, media_type: str | None, *, known: bool, etag: bool, needs: Needs
) -> dict[int | str, Any]:
    said: dict[int | str, Any] = {
        "default": {
            "description": "What went wrong",
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
    }
    if media_type is not None:
        said[status] = {"description": "The file", "content": {media_type: {}}}
    if etag:
        said.setdefault(status, {})["headers"] = {"ETag": _ETAG}
    if known:
        said[304] = {"description": "The caller has this version already", "headers": {"ETag": _ETAG}}
    if needs is Needs.OPEN:
        return said
    return {401: {**said["default"], "description": "No good token"}, **said}
