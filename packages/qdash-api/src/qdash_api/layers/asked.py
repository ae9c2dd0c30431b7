"""What a request asks for, as far as its head tells: read before anything is routed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette._utils import get_route_path  # by it the router reads the path: the gate has to read the same
from starlette.datastructures import Headers

from qdash_api.guarding.declared import PLUGINS
from qdash_api.guarding.open_paths import OPEN_PATHS
from qdash_core.models.access import Access
from qdash_core.models.audit import AuditModel
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Scope, Send

    from qdash_core.projects.callers import Caller

_OF_A_PROJECT = re.compile(r"/projects/([^/]+)")
_OF_NO_PROJECT = ("/auth/", "/tokens", "/users", "/projects")
_LONGEST_PATH = 500
"""So much of a path is written down."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The head of a request.

    Parameters
    ----------
    method : str
        In capitals; `WEBSOCKET` for one.
    path : str
        As the router reads it: decoded, below what the host is mounted under.
    secret : str
        Of the token; empty: there is none.
    project_id : str or None
        The project that is meant; None: the caller's default project.
    address : str or None
        Whence it came.
    request_id : str
        By which it is found in the logs.
    """

    method: str
    path: str
    secret: str
    project_id: str | None
    address: str | None
    request_id: str

    @classmethod
    def of(cls, scope: Scope) -> Asked:
        """Return what the head of a request says. A project in the path is the one that is meant, whatever a header says."""
        headers, path = Headers(scope=scope), get_route_path(scope)
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        named = _OF_A_PROJECT.match(path)
        return cls(
            method=scope.get("method", "WEBSOCKET"),
            path=path,
            secret=secret.strip() if scheme.lower() == "bearer" else "",
            project_id=named[1] if named else headers.get("x-project-id") or None,
            address=scope["client"][0] if scope.get("client") else None,
            request_id=str(scope.get("state", {}).get("request_id", "")),
        )

    @property
    def named_project(self) -> str | None:
        """The project in the path, if there is one: whether it exists is not known."""
        named = _OF_A_PROJECT.match(self.path)
        return named[1] if named else None

    @property
    def is_open(self) -> bool:
        """Whether it is answered without a token."""
        return self.method in OPEN_PATHS.get(self.path, ())

    @property
    def is_of_a_login(self) -> bool:
        """Whether somebody shows who they are, by a password or a set-up link."""
        return self.is_open and not self.reads

    @property
    def is_counted(self) -> bool:
        """Whether guesses are counted and soon refused: then one may be written down without filling the store."""
        return self.path == "/auth/login"

    @property
    def is_of_a_plugin(self) -> bool:
        """Whether a plugin answers it."""
        return self.path.startswith(PLUGINS)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, by its method."""
        return self.method in ("GET", "HEAD")

    @property
    def role(self) -> ProjectRole:
        """What the caller of a plugin has to be."""
        return ProjectRole.VIEWER if self.reads else ProjectRole.EDITOR

    def row(self, caller: Caller | None) -> AuditModel:
        """Return the row of the audit log."""
        return AuditModel(
            request_id=self.request_id,
            username=caller and caller.username,
            token=caller and caller.token.name,
            project_id=caller and self._project_of(caller),
            method=self.method,
            path=self.path[:_LONGEST_PATH],
            address=self.address,
        )

    def _project_of(self, caller: Caller) -> str | None:
        if self.path.startswith(_OF_NO_PROJECT) and self.named_project is None:
            return None
        return caller.project.project_id if isinstance(caller.project, Access) else None


class Outcome:
    """Looks at what is sent, for the status of the answer.

    Parameters
    ----------
    send : callable
        Sends on.
    began : callable
        Called when the answer begins.
    """

    def __init__(self, send: Send, *, began: Callable[[], None] = lambda: None) -> None:
        self._send = send
        self._began = began
        self.status = 500
        """What the layers outside answer when nothing else was begun."""

    @property
    def done(self) -> bool:
        """Whether what was asked for was done."""
        return self.status < 400

    async def send(self, message: Message) -> None:
        """Send on."""
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.status = message["status"]
                self._began()
            case "websocket.accept":
                self.status = 101
            case "websocket.close" if self.status == 500:
                self.status = 403
        await self._send(message)
