"""Authentication of every request: only the few open paths need no token.

It comes before routing and reads the path as the router does, so that no route, including those of plugins,
can be reached without it. Routes in routers of plugins do not declare a role: it requires one for them.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response

from qdash_api.middleware.request_target import RequestTarget, ResponseStatus
from qdash_api.plugin_operations import performs_operation
from qdash_api.problems import make_problem, respond, respond_to
from qdash_api.process.limits import RequestLimits, get_current_limits
from qdash_api.routing.audit_entry import AuditEntry
from qdash_api.routing.bodies import require_json_limits
from qdash_api.routing.disconnects import CLIENT_DISCONNECTED, buffer_body, watch_client
from qdash_builtin.people.feature import AUDIT_LOG, AUTHENTICATOR, LOGINS
from qdash_core.errors import LoginError, QDashError, StoreUnavailableError
from qdash_core.process.cancellation import AbandonedError

if TYPE_CHECKING:
    from starlette.datastructures import State
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qdash_core.models.caller import Caller
    from qdash_core.models.project import ProjectRole
    from qdash_core.runtime.application import QDash

_UNAUTHENTICATED = (
    "a valid token is required: send `Authorization: Bearer TOKEN` with a token from `POST /auth/login` or "
    "`qdash token create`"
)
_NOT_SET_UP = (
    "no user has a password yet: open the set-up link that the host printed when it started, or create a token on its "
    "machine with `qdash token create`"
)


class AuthenticationMiddleware:
    """ASGI middleware that authenticates requests, and keeps the audit log.

    A request that may change something is written to the audit log before it is performed, by its route once
    the caller is authorized, and completed here with the status of its response. For routers of plugins, whose
    routes do not declare what they change, both are done here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._has_been_set_up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse an unauthenticated request, or pass it on with its caller."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        target, host, limits = RequestTarget.from_scope(scope), scope["app"].state, get_current_limits()
        with ExitStack() as held:
            try:
                audit_entry, receive = await self._admit(target, held, limits, scope, receive)
            except (QDashError, AbandonedError) as error:
                held.close()
                await _refuse(error, target, scope, receive, send)
                return
            response = ResponseStatus(send, on_start=held.close)
            try:
                await self._app(scope, receive, response.send)
            finally:
                held.close()
                claimed_username = scope["state"].get("claimed_username")
                await _complete_audit_entry(
                    host.qdash, limits, target, audit_entry, response, claimed_username
                )

    async def _admit(
        self, target: RequestTarget, held: ExitStack, limits: RequestLimits, scope: Scope, receive: Receive
    ) -> tuple[AuditEntry | None, Receive]:
        """Authenticate the caller unless the path is open, and acquire the slots of a request to a plugin.

        Returns
        -------
        tuple
            The entry of the audit log, or None for a request that is not logged; the `receive` for the
            application.

        Raises
        ------
        AbandonedError, QDashError
            The reason of a refusal.
        """
        state = scope.setdefault("state", {})
        if target.is_open:
            return None, receive
        host = scope["app"].state
        declares_nothing = target.is_for_plugin and not performs_operation(
            host.plugin_operation_routes, scope
        )
        role = target.role if declares_nothing else None
        authentications = limits.authentications
        with await authentications.acquire(target.secret):
            caller, audit_entry = await to_thread.run_sync(
                self._authenticate, host, target, role, limiter=authentications.threads
            )
        state |= {"caller": caller, "audit_entry": audit_entry}
        if declares_nothing:
            state |= {"qdash": host.qdash, "access": caller.access}
            receive = await _take_slots(held, limits, scope, receive)
        return audit_entry, receive

    def _authenticate(
        self, host: State, target: RequestTarget, role: ProjectRole | None
    ) -> tuple[Caller, AuditEntry | None]:
        """Return the caller, who has the role, and the audit log entry if needed; raise the reason of a refusal."""
        qdash: QDash = host.qdash
        caller = (
            qdash.get(AUTHENTICATOR).authenticate(target.secret, target.project_id) if target.secret else None
        )
        if caller is None:
            caller = qdash.get(AUTHENTICATOR).authenticate("", target.project_id, target.attempt)
        if caller is None:
            raise _NotSetUpError(_NOT_SET_UP) if self._needs_set_up(qdash) else LoginError(_UNAUTHENTICATED)
        host.use_recorder.record(caller)
        if role is not None:
            caller.access.require(role)
        if target.reads:
            return caller, None
        return caller, AuditEntry(
            qdash.get(AUDIT_LOG), target.make_audit_row(caller), path_project=target.path_project
        )

    def _needs_set_up(self, qdash: QDash) -> bool:
        self._has_been_set_up = self._has_been_set_up or not qdash.get(LOGINS).needs_set_up()
        return not self._has_been_set_up


class _NotSetUpError(LoginError):
    """Login is impossible because no user has a password yet."""


async def _complete_audit_entry(
    qdash: QDash,
    limits: RequestLimits,
    target: RequestTarget,
    audit_entry: AuditEntry | None,
    response: ResponseStatus,
    claimed_username: str | None,
) -> None:
    """Write the status of the response to the audit log, if the request is in it or is a login."""
    # The response has been sent: if the store cannot be written, the row without a status shows
    # that it is unknown.
    with suppress(StoreUnavailableError):
        if audit_entry is not None and audit_entry.is_written:
            await to_thread.run_sync(audit_entry.end, response.status, limiter=limits.audit)
        elif target.is_login and (
            response.is_success or (response.status == 401 and target.has_attempt_limit)
        ):
            row = target.make_audit_row(None)
            await to_thread.run_sync(
                qdash.get(AUDIT_LOG).record_login,
                row,
                response.status,
                claimed_username,
                limiter=limits.audit,
            )


async def _take_slots(held: ExitStack, limits: RequestLimits, scope: Scope, receive: Receive) -> Receive:
    """Acquire the slots of a plugin request until its response begins; return a `receive` with its body.

    A request that may write is written to the audit log first. A websocket holds a slot only for that.

    Raises
    ------
    AbandonedError, QDashError
        As `Client.acquire` and `require_json_limits`; StoreError, if the audit log cannot be written.
    """
    user, audit_entry = scope["state"]["caller"].username, scope["state"]["audit_entry"]
    if scope["type"] == "websocket":
        with await limits.writers.acquire(user):
            await to_thread.run_sync(audit_entry.begin, limiter=limits.writers.threads)
        return receive
    body, replay = await buffer_body(receive)
    require_json_limits(Headers(scope=scope).get("content-type", ""), body)
    async with watch_client(receive) as client:
        for slots in limits.for_plugin(reads=audit_entry is None):
            held.enter_context(await client.acquire(slots, user))
        if audit_entry is not None:
            await to_thread.run_sync(audit_entry.begin, limiter=limits.writers.threads)
    return replay


async def _refuse(
    error: QDashError | AbandonedError, target: RequestTarget, scope: Scope, receive: Receive, send: Send
) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    if isinstance(error, AbandonedError):
        answer = Response(status_code=CLIENT_DISCONNECTED)
    elif isinstance(error, _NotSetUpError):
        answer = respond(make_problem(401, str(error), kind="set-up-needed"), target.request_id)
    else:
        answer = respond_to(error, target.request_id)
    await answer(scope, receive, send)
