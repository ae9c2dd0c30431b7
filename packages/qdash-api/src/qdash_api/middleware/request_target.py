"""Request line and headers of a request, read before routing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette._utils import get_route_path  # the router's own function: both have to see the same path
from starlette.datastructures import Headers

from qdash_api.routing.open_paths import OPEN_PATHS
from qdash_api.routing.route_declarations import PLUGINS
from qdash_builtin.people.models.audit import AuditModel
from qdash_core.models.access import Access
from qdash_core.models.authentication import AuthenticationAttempt
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Scope, Send

    from qdash_core.models.caller import Caller

_PROJECT_PATH = re.compile(r"/projects/([^/]+)")
_PATHS_WITHOUT_PROJECT = ("/auth/", "/tokens", "/users", "/projects")
_LONGEST_PATH = 500
"""Maximum length of a path in the audit log."""


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """Request target: method, path, token, project and client of a request.

    Parameters
    ----------
    method : str
        Method in capitals, or `WEBSOCKET`.
    path : str
        Path as the router reads it: decoded, without the root path.
    secret : str
        Secret of the token; empty without one.
    project_id : str or None
        Requested project, or None for the caller's default project.
    address : str or None
        Client address.
    request_id : str
        Request id, as in the logs.
    headers : Headers
        Headers of the request.
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
    def is_open(self) -> bool:
        """True if the request needs no token."""
        return self.method in OPEN_PATHS.get(self.path, ())

    @property
    def is_login(self) -> bool:
        """True if a user authenticates by a password or a set-up link."""
        return self.is_open and not self.reads

    @property
    def has_attempt_limit(self) -> bool:
        """True if failed attempts are limited, so that logging each one cannot fill the store."""
        return self.path == "/auth/login"

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

    def make_audit_row(self, caller: Caller | None) -> AuditModel:
        """Return the row of the audit log for the request."""
        return AuditModel(
            request_id=self.request_id,
            username=caller and caller.username,
            token=caller and caller.token.name,
            project_id=caller and self._find_project(caller),
            method=self.method,
            path=self.path[:_LONGEST_PATH],
            address=self.address,
            created_at=machine_now(),
        )

    def _find_project(self, caller: Caller) -> str | None:
        if self.path.startswith(_PATHS_WITHOUT_PROJECT) and self.path_project is None:
            return None
        return caller.project.project_id if isinstance(caller.project, Access) else None


class ResponseStatus:
    """Observer of the status of a response.

    Parameters
    ----------
    send : callable
        Sends the message.
    on_start : callable
        Called when the response begins.
    """

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
