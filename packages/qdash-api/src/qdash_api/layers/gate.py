"""The gate before every route: whoever has no good token comes no further than the few open paths.

It stands before routing and reads the path as the router does, so that no route, a plugin's least of all, is reached
around it. For routes of plugins, which say nothing of what they need, it asks for a role itself.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response

from qdash_api.guarding.audited import Audited
from qdash_api.guarding.bodies import require_json_limits
from qdash_api.guarding.disconnects import CLIENT_DISCONNECTED, buffer_body, watch_client
from qdash_api.layers.asked import Asked, Outcome
from qdash_api.problems import problem, respond, respond_to
from qdash_api.process.limits import Limits, current_limits
from qdash_core.cancellation import AbandonedError
from qdash_core.errors import LoginError, QDashError, StoreUnavailableError

if TYPE_CHECKING:
    from starlette.datastructures import State
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qdash_core.application import QDash
    from qdash_core.projects.callers import Caller

_NO_TOKEN = "this needs a token that is good, `Authorization: Bearer TOKEN`; `POST /auth/login` gives one"  # noqa: S105  no secret
_NOT_SET_UP = (
    "nobody has a password yet: open the set-up link that the host printed when it started, or make a token beside "
    "it with `qdash token create`"
)


class Gate:
    """ASGI layer that lets a request in with its caller, or on an open path, or not at all, and keeps the audit log.

    A request that may change something is written down before it is performed, by the route that has found its caller to
    have the right, and again here with its answer. For plugins, whose routes do not say what they change, both is done here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._has_been_set_up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that may not go on, and hand others on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked, host, limits = Asked.of(scope), scope["app"].state, current_limits()
        with ExitStack() as held:
            try:
                audited, receive = await self._admit(asked, held, limits, scope, receive)
            except (QDashError, AbandonedError) as error:
                held.close()
                await _refuse(error, asked, scope, receive, send)
                return
            outcome = Outcome(send, began=held.close)
            try:
                await self._app(scope, receive, outcome.send)
            finally:
                held.close()
                said_to_be = scope["state"].get("said_to_be")
                await _record_outcome(host.qdash, limits, asked, audited, outcome, said_to_be)

    async def _admit(
        self, asked: Asked, held: ExitStack, limits: Limits, scope: Scope, receive: Receive
    ) -> tuple[Audited | None, Receive]:
        """Find the caller unless the path is open, and take the slots of a request to a plugin.

        Returns
        -------
        tuple
            The entry of the audit log, or None for a request that is not logged; the `receive` for the application.

        Raises
        ------
        AbandonedError, QDashError
            The reason of a refusal.
        """
        state = scope.setdefault("state", {})
        if asked.is_open:
            return None, receive
        host = scope["app"].state
        authentications = limits.authentications
        with await authentications.acquire(asked.secret):
            caller, audited = await to_thread.run_sync(
                self._enter, host, asked, limiter=authentications.threads
            )
        state |= {"caller": caller, "audited": audited}
        if asked.is_of_a_plugin:
            state |= {"qdash": host.qdash, "access": caller.access}
            receive = await _take_slots(held, limits, scope, receive)
        return audited, receive

    def _enter(self, host: State, asked: Asked) -> tuple[Caller, Audited | None]:
        """Return who asks, and what may come to stand in the audit log; raises why they may not."""
        qdash: QDash = host.qdash
        caller = qdash.callers.of_secret(asked.secret, asked.project_id) if asked.secret else None
        if caller is None:
            raise _NotSetUpError(_NOT_SET_UP) if self._is_to_be_set_up(qdash) else LoginError(_NO_TOKEN)
        host.use_recorder.record(caller)
        if asked.is_of_a_plugin:
            caller.access.require(asked.role)
        if asked.reads:
            return caller, None
        return caller, Audited(qdash.audit, asked.row(caller), named=asked.named_project)

    def _is_to_be_set_up(self, qdash: QDash) -> bool:
        self._has_been_set_up = self._has_been_set_up or not qdash.logins.is_to_be_set_up()
        return not self._has_been_set_up


class _NotSetUpError(LoginError):
    """Nobody can have logged in yet."""


async def _record_outcome(
    qdash: QDash,
    limits: Limits,
    asked: Asked,
    audited: Audited | None,
    outcome: Outcome,
    said_to_be: str | None,
) -> None:
    """Write the status of the answer to the audit log, if the request is in it or is a login."""
    # The answer has been sent: if the store cannot be written, the row without a status shows that it is unknown.
    with suppress(StoreUnavailableError):
        if audited is not None and audited.has_begun:
            await to_thread.run_sync(audited.end, outcome.status, limiter=limits.audit)
        elif asked.is_of_a_login and (outcome.done or (outcome.status == 401 and asked.is_counted)):
            row = asked.row(None)
            await to_thread.run_sync(qdash.audit.told, row, outcome.status, said_to_be, limiter=limits.audit)


async def _take_slots(held: ExitStack, limits: Limits, scope: Scope, receive: Receive) -> Receive:
    """Take the slots of a request to a plugin, held until its answer begins, and return a `receive` that replays its body.

    A request that may write is written to the audit log first. A websocket holds a slot only for that.

    Raises
    ------
    AbandonedError, QDashError
        As `Client.acquire` and `require_json_limits`; StoreError, if the audit log cannot be written.
    """
    user, audited = scope["state"]["caller"].username, scope["state"]["audited"]
    if scope["type"] == "websocket":
        with await limits.writers.acquire(user):
            await to_thread.run_sync(audited.begin, limiter=limits.writers.threads)
        return receive
    body, replay = await buffer_body(receive)
    require_json_limits(Headers(scope=scope).get("content-type", ""), body)
    async with watch_client(receive) as client:
        for slots in limits.for_plugin(reads=audited is None):
            held.enter_context(await client.acquire(slots, user))
        if audited is not None:
            await to_thread.run_sync(audited.begin, limiter=limits.writers.threads)
    return replay


async def _refuse(
    error: QDashError | AbandonedError, asked: Asked, scope: Scope, receive: Receive, send: Send
) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    if isinstance(error, AbandonedError):
        answer = Response(status_code=CLIENT_DISCONNECTED)
    elif isinstance(error, _NotSetUpError):
        answer = respond(problem(401, str(error), kind="set-up-needed"), asked.request_id)
    else:
        answer = respond_to(error, asked.request_id)
    await answer(scope, receive, send)
