"""The gate before every route: whoever has no good token comes no further than the few open paths.

It stands before routing and reads the path as the router does, so that no route, a plugin's least of all, is reached
around it. For routes of plugins, which say nothing of what they need, it asks for a role itself.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import to_thread

from qdash_api.guarding.audited import Audited
from qdash_api.layers.asked import Asked, Outcome
from qdash_api.problems import problem, respond, respond_to
from qdash_core.errors import LoginError, QDashError, StoreUnavailableError

if TYPE_CHECKING:
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
        asked, qdash = Asked.of(scope), scope["app"].state.qdash
        state = scope.setdefault("state", {})
        audited = None
        if not asked.is_open:
            try:
                caller, audited = await to_thread.run_sync(self._enter, qdash, asked)
            except QDashError as error:
                await _refuse(error, asked, scope, receive, send)
                return
            state |= {"caller": caller, "audited": audited}
            if asked.is_of_a_plugin:
                state |= {"qdash": qdash, "access": caller.access}
        outcome = Outcome(send)
        try:
            await self._app(scope, receive, outcome.send)
        finally:
            with suppress(
                StoreUnavailableError
            ):  # the answer stands; a row without a status says that it is not known
                if audited is not None:
                    await to_thread.run_sync(audited.end, outcome.status)
                elif asked.is_of_a_login and (outcome.done or (outcome.status == 401 and asked.is_counted)):
                    told = asked.row(None), outcome.status, state.get("said_to_be")
                    await to_thread.run_sync(qdash.audit.told, *told)

    def _enter(self, qdash: QDash, asked: Asked) -> tuple[Caller, Audited | None]:
        """Return who asks, and what may come to stand in the audit log; raises why they may not."""
        caller = qdash.callers.of_secret(asked.secret, asked.project_id) if asked.secret else None
        if caller is None:
            raise _NotSetUpError(_NOT_SET_UP) if self._is_to_be_set_up(qdash) else LoginError(_NO_TOKEN)
        if asked.is_of_a_plugin:
            caller.access.require(asked.role)
        if asked.reads:
            return caller, None
        audited = Audited(qdash.audit, asked.row(caller), named=asked.named_project)
        if asked.is_of_a_plugin:
            audited.begin()
        return caller, audited

    def _is_to_be_set_up(self, qdash: QDash) -> bool:
        self._has_been_set_up = self._has_been_set_up or not qdash.logins.is_to_be_set_up()
        return not self._has_been_set_up


class _NotSetUpError(LoginError):
    """Nobody can have logged in yet."""


async def _refuse(error: QDashError, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    if isinstance(error, _NotSetUpError):
        answer = respond(problem(401, str(error), kind="set-up-needed"), asked.request_id)
    else:
        answer = respond_to(error, asked.request_id)
    await answer(scope, receive, send)
