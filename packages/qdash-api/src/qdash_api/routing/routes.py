"""Routes of operations, each behind the check of its caller."""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse

from qdash_api.problems import MEDIA_TYPE, Problem
from qdash_api.process.limits import get_current_limits
from qdash_api.routing.bodies import LimitedRequest
from qdash_api.routing.call import CacheHit, Call, NotModified
from qdash_api.routing.disconnects import CLIENT_DISCONNECTED, watch_client
from qdash_api.routing.object_changes import ObjectReader, perform_recorded
from qdash_api.routing.parameters import describe_parameters
from qdash_api.routing.responses import make_not_modified_response, make_response
from qdash_api.routing.role_check import require_role
from qdash_api.routing.target_routes import list_routed
from qdash_api.validation_errors import require_known_queries
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import PageRequest
from qdash_core.operations.required_role import RequiredRole
from qdash_core.process.cancellation import AbandonedError, allow_abandoning

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from starlette.routing import BaseRoute

    from qdash_core.operations.bodies import Filter
    from qdash_core.operations.operation import Operation, Operations

_ETAG = {"description": "Version of the object", "schema": {"type": "string"}}


class GuardedRoute(APIRoute):
    """Route of an operation, which checks its caller before it reads the body."""

    @property
    def operation(self) -> Operation[..., Any]:
        """Operation that the route performs."""
        found: Operation[..., Any] = self.endpoint.__qdash_operation__  # type: ignore[attr-defined]
        return found

    @property
    def is_quick(self) -> bool:
        """True for a fast read, whose client is watched only while it waits for its slot."""
        return self.operation.reads and not self.operation.slow

    @property
    def runs_in_event_loop(self) -> bool:
        """True if the route answers in the event loop, without a slot or a thread."""
        return inspect.iscoroutinefunction(self.operation.function)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of requests, behind the access check."""
        handle = super().get_route_handler()
        needs, reads = self.operation.needs, self.operation.reads

        async def handle_guarded(request: Request) -> Response:
            if needs is not RequiredRole.OPEN:
                require_role(request.state.caller, needs, reads=reads)
                _require_path_project(request, needs)
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
        one = self.operation
        anonymous = one.needs is RequiredRole.OPEN
        user = "" if anonymous else request.state.caller.username
        kinds = get_current_limits().for_route(reads=one.reads, slow=one.slow, anonymous=anonymous)
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
                if not one.reads and not anonymous:
                    await to_thread.run_sync(
                        request.state.audit_entry.begin, self.operation_id, limiter=request.state.threads
                    )
                return await handle(request)


@cache
def make_routes(operations: Operations) -> list[BaseRoute]:
    """Return the routes of the operations of a resource."""
    router = APIRouter(tags=[operations.tag], route_class=GuardedRoute)
    routed = list_routed(operations)
    readers = {one.path: ObjectReader(one.function) for one in routed if one.method == "GET"}
    for one in routed:
        router.add_api_route(
            one.path,
            _make_endpoint(one, readers),
            methods=[one.method],
            include_in_schema=one.documented,
            operation_id=one.name,
            summary=one.summary,
            description=one.description,
            response_model=one.answers,
            response_class=JSONResponse if one.media_type is None else Response,
            status_code=_get_status(one),
            responses=_describe_responses(one),
        )
    return router.routes


def _get_status(operation: Operation[..., Any]) -> int:
    return 204 if operation.is_empty else operation.status


def _make_endpoint(
    operation: Operation[..., Any], readers: Mapping[str, ObjectReader]
) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint for FastAPI."""
    function: Callable[..., Any] = operation.function
    if operation.creates or operation.compares:
        reader = readers[operation.compares] if operation.compares else None
        function = partial(perform_recorded, function, reader)
    filters, signature = describe_parameters(operation)
    make = _answer_in_loop if inspect.iscoroutinefunction(function) else _answer_in_thread
    endpoint = make(function, filters, _get_status(operation))
    endpoint.__name__ = operation.name
    endpoint.__signature__ = signature  # type: ignore[attr-defined]
    endpoint.__qdash_operation__ = operation  # type: ignore[attr-defined]
    return endpoint


def _answer_in_thread(
    function: Callable[..., Any], filters: Mapping[str, type[Filter]], status: int
) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint that performs a function, and serializes its answer, in a thread."""

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

    async def endpoint(**given: Any) -> Response:
        request: Request = given.pop("request")
        is_paged = {"limit", "after"} <= given.keys()  # other operations may have a limit of their own
        page = PageRequest(given.pop("limit"), given.pop("after")) if is_paged else PageRequest()
        for header in ("if_match", "if_none_match", "idempotency_key"):
            given.pop(header, None)
        for name, model in filters.items():
            given[name] = model.model_construct(**{field: given.pop(field) for field in model.model_fields})
        return await to_thread.run_sync(perform, Call(request, page), given, limiter=request.state.threads)

    return endpoint


def _answer_in_loop(
    function: Callable[..., Any], _filters: Mapping[str, type[Filter]], status: int
) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint of a coroutine, which answers even if all threads are busy."""

    async def endpoint(**given: Any) -> Response:
        call = Call(given.pop("request"), PageRequest())
        return make_response(call, await function(call, **given), status)

    return endpoint


def _require_path_project(request: Request, needs: RequiredRole) -> None:
    """Check that the project in the path is the one for which the caller was authenticated."""
    named = request.path_params.get("project_id")
    if named is not None and needs.role is not None and request.state.caller.access.project_id != named:
        raise NotFoundError(f"there is no project {named!r}")


def _describe_responses(operation: Operation[..., Any]) -> dict[int | str, Any]:
    responses: dict[int | str, Any] = {
        "default": {
            "description": "Error",
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
    }
    status = _get_status(operation)
    if operation.media_type is not None:
        responses[status] = {"description": "File", "content": {operation.media_type: {}}}
    if operation.versioned or operation.edits:
        responses.setdefault(status, {})["headers"] = {"ETag": _ETAG}
    if operation.versioned:
        responses[304] = {"description": "The caller has the current version", "headers": {"ETag": _ETAG}}
    if operation.needs is RequiredRole.OPEN:
        return responses
    return {401: {**responses["default"], "description": "The token is missing or not valid"}, **responses}
