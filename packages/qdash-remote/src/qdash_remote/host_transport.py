"""Transport of operations to a host."""

from __future__ import annotations

import os
import ssl
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import httpx
from pydantic import BaseModel

from qdash_cli.hosts import HOST_VARIABLES
from qdash_core.errors import InvalidInputError, LoginError, NotFoundError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.process.build import Build, read_build
from qdash_core.settings import load_settings
from qdash_remote.connection import TIMEOUT_S, Connection, make_headers
from qdash_remote.problems import HostError, HostUnreachableError
from qdash_remote.profiles import Profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_cli.hosts import NamedHost
    from qdash_core.models.project import ProjectRole
    from qdash_core.operations.operation import Operation
    from qdash_remote.profiles import Profile

P = ParamSpec("P")
T = TypeVar("T")
_PASSWORD_PATH = "/auth/password"  # noqa: S105  a path


class _Settings(BaseModel):
    timezone: str


class HostTransport(Connection):
    """Connection to a host that commands use; `profile` is the one whose token is sent, or None for another token."""

    profile: Profile | None = None

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; the error of a token that the host refuses names the login that replaces it."""
        try:
            return super().send(request, **options)
        except LoginError as error:
            if "authorization" not in request.headers or request.url.path.endswith(_PASSWORD_PATH):
                raise  # a wrong password is refused likewise
            if self.profile is None:
                raise LoginError(
                    f"{self.base_url} refuses the token: it is wrong, was revoked or has expired; `qdash token create` at the host makes one"
                ) from error
            raise LoginError(self.profile.make_login_advice("was revoked or has expired")) from error

    def ask_versioned(
        self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs
    ) -> tuple[T, str]:
        """Perform an operation, and return its answer with the ETag; the error of a host of another version says so."""
        with self._explain_error():
            return super().ask_versioned(operation, *given, **named)

    def fetch(self, kind: Callable[..., T], method: str, path: str, **options: Any) -> T:
        """Send a request, and return the answer as a model; the error of a host of another version says so."""
        with self._explain_error():
            return super().fetch(kind, method, path, **options)

    @contextmanager
    def _explain_error(self) -> Iterator[None]:
        try:
            yield
        except HostUnreachableError:
            raise
        except HostError as error:
            own = str(read_build())
            if self.version == own:
                raise
            raise HostError(
                f"{error}. The host has QDash {self.version}, and this machine {own}: install the version of the host",
                status=error.status,
            ) from error

    @cached_property
    def version(self) -> str:
        """Version of QDash at the host; the property raises HostError if the address is not that of a host."""
        answer = self.get("/health")
        try:
            known = parse_json(answer.content)
            return str(Build(known["version"], known.get("revision"), known.get("date")))
        except (ValueError, KeyError, TypeError, AttributeError):
            moved = answer.headers.get("location")
            raise HostError(
                f"{self.base_url} is no host of QDash{f', and leads to {moved}' if moved else ''}: correct the address",
                status=answer.status_code,
            ) from None

    @cached_property
    def zone(self) -> ZoneInfo:
        """Time zone of displayed times and days: that of the host."""
        return ZoneInfo(self.fetch(_Settings, "GET", "/settings").timezone)

    @cached_property
    def project_id(self) -> str:
        """Id of the project; the property raises NotFoundError if the user has none there."""
        found = self.identify()
        if found.project_id is None:
            raise NotFoundError(
                f"{found.user.username} is no member of that project: name another by --project ID"
            )
        return found.project_id

    @property
    def role(self) -> ProjectRole | None:
        """Role of the user in the project, or None."""
        return self.identify().role


def open_transport(host: NamedHost | None, project: str | None, token: str | None = None) -> HostTransport:
    """Return the transport to a host.

    Without a host it is that of the setting `api_url`, which needs a token; a token may be of another user, who needs
    no login here. `project` is None for the user's default project.
    """
    if host is None:
        return connect_to(load_settings().api_url, token, project)
    if host.profile is None:
        url, own = map(os.environ.get, HOST_VARIABLES)
        return connect_to(str(url), token or own, project)
    profiles = Profiles()
    found = profiles.find(host.profile)
    secret = token or profiles.read_secret(found)
    transport = connect_to(found.url, secret, project, certificates=found.certificates)
    transport.profile = None if token else found
    return transport


def connect_to(
    url: str, token: str | None, project: str | None = None, *, certificates: Path | str | None = None
) -> HostTransport:
    """Return the transport to a host.

    The token is None before the login, `project` for the user's default project, and `certificates` for those of the
    system. Raises InvalidInputError if the file has no certificates.
    """
    return HostTransport(
        base_url=url,
        headers=make_headers(token, project),
        timeout=TIMEOUT_S,
        verify=_read_certificates(certificates),
    )


@cache
def _read_certificates(path: Path | str | None) -> ssl.SSLContext:
    """Return the certificates that are trusted; reading them takes 50 ms."""
    if path is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise InvalidInputError(f"{path} has no certificates: {error}") from None
