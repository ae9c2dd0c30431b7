"""Request line and headers of a request, read before routing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette._utils import get_route_path  # the router's own function: both have to see the same path
from starlette.datastructures import Headers

from qdash_api.routing.route_declarations import PLUGINS
from qdash_core.access.request_audit import AuditedRequest
from qdash_core.models.authentication import AuthenticationAttempt
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Scope, Send

    from qdash_core.models.caller import Caller

_PROJECT_PATH = re.compile(r"/projects/([^/]+)")


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """Request target: method, path, token, project and client of a request.

    Parameters
    ----------
    method : str
        In capitals, or `WEBSOCKET`.
    path : str
        As the router reads it: decoded, without the root path.
    secret : str
        Of the token; empty without one.
    project_id : str or None
        None for the caller's default project.
    """

    method: str
    path: str
    secret: str
    project_id: str | None
    address: str | None
    request_id: str
    headers: Headers = field(default_factory=Headers, repr=False)

    @classmethod
    def from_scope(cls, scope: Scope) -> RequestTarget:
        """Return the target of a request. A project in the path takes precedence over the header."""
        headers, path = Headers(scope=scope), get_route_path(scope)
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        named = _PROJECT_PATH.match(path)
        return cls(
            method=scope.get("method", "WEBSOCKET"),
            path=path,
            secret=secret.strip() if scheme.lower() == "bearer" else "",
            project_id=named[1] if named else headers.get("x-project-id") or None,
            address=scope["client"][0] if scope.get("client") else None,
            request_id=str(scope.get("state", {}).get("request_id", "")),
            headers=headers,
        )

    @property
    def attempt(self) -> AuthenticationAttempt:
        """The request as plugins see it that authenticate callers.

        The values of a repeated header are joined, so that a client cannot hide that of a proxy.
        """
        return AuthenticationAttempt(
            headers={name: ", ".join(self.headers.getlist(name)) for name in self.headers},
            address=self.address or "",
            method=self.method,
            path=self.path,
        )

    @property
    def path_project(self) -> str | None:
        """Project in the path, or None; it may not exist."""
        named = _PROJECT_PATH.match(self.path)
        return named[1] if named else None

    @property
    def is_for_plugin(self) -> bool:
        """True if the request is for a plugin."""
        return self.path.startswith(PLUGINS)

    @property
    def reads(self) -> bool:
        """True if the request changes nothing, judged by its method."""
        return self.method in ("GET", "HEAD")

    @property
    def role(self) -> ProjectRole:
        """Required role of the caller of a plugin."""
        return ProjectRole.VIEWER if self.reads else ProjectRole.EDITOR

    def make_audited(self, caller: Caller | None) -> AuditedRequest:
        """Return the request as the audit log has it."""
        return AuditedRequest(
            self.request_id, self.method, self.path, self.address, self.path_project, caller
        )


class ResponseStatus:
    """Observer of the status of a response, which calls `on_start` when it begins."""

    def __init__(self, send: Send, *, on_start: Callable[[], None] = lambda: None) -> None:
        self._send = send
        self._on_start = on_start
        self.status = 500
        """Status that the outer layers send if the application has sent none."""

    @property
    def is_success(self) -> bool:
        """True if the request succeeded."""
        return self.status < 400

    async def send(self, message: Message) -> None:
        """Send a message, and record the status."""
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.status = message["status"]
                self._on_start()
            case "websocket.accept":
                self.status = 101
            case "websocket.close" if self.status == 500:
                self.status = 403
        await self._send(message)
