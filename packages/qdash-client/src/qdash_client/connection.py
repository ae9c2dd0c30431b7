"""The connection to a host: where it is, by whose token, in which project; and what goes wrong is raised."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import httpx

from qdash_client.generated import AuthenticatedClient
from qdash_client.problems import HostError, error_of
from qdash_core.errors import InvalidInputError
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "QDASH_TOKEN"  # noqa: S105  the name of a variable
TIMEOUT_S = 60.0


class Connection(httpx.Client):
    """An HTTP client that raises what a host says by a problem as the core's error.

    Raises, from every request, the errors of `problems.ERRORS`, and `HostError` where the host is not reached.
    """

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, and raise what is answered instead of what was asked for."""
        try:
            response = super().send(request, **options)
            if response.is_error:
                response.read()
        except httpx.TransportError as error:
            raise _unreachable(request, error) from error
        if response.is_error:
            raise error_of(response)
        return response


class AsyncConnection(httpx.AsyncClient):
    """A `Connection` for asynchronous programs."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, and raise what is answered instead of what was asked for."""
        try:
            response = await super().send(request, **options)
            if response.is_error:
                await response.aread()
        except httpx.TransportError as error:
            raise _unreachable(request, error) from error
        if response.is_error:
            raise error_of(response)
        return response


class _Client(AuthenticatedClient):
    """A client of connections that raise. Most programs are not asynchronous, and a connection takes a while to be made."""

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the connection for what is asked for asynchronously."""
        if self._async_client is None:
            like = self.get_httpx_client()
            self.set_async_httpx_client(
                AsyncConnection(base_url=like.base_url, headers=like.headers, timeout=like.timeout)
            )
        return super().get_async_httpx_client()


def connect(
    url: str | None = None,
    token: str | None = None,
    project: str | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
    transport: httpx.BaseTransport | None = None,
) -> AuthenticatedClient:
    """Return a client of a host, which every operation of `qdash_client.generated.api` takes.

    Parameters
    ----------
    url : str or None
        Where the host is; None: the setting `api_url`.
    token : str or None
        By what the host knows the caller; None: `QDASH_TOKEN`, or the file `token` in the home, which nobody else may
        read.
    project : str or None
        Id of the project that is meant; None: the caller's default project.
    timeout_s : float
        So long an answer is waited for.
    transport : httpx.BaseTransport or None
        How requests are sent; None: over the network.

    Raises
    ------
    InvalidInputError
        If there is no token, or others may read its file.
    """
    if url is None or token is None:
        settings = load_settings()
        url = url or settings.api_url
        token = token or os.environ.get(TOKEN) or _kept(settings.home / "token")
    headers = {"authorization": f"Bearer {token}"} | ({} if project is None else {"x-project-id": project})
    client = _Client(url, token)
    client.set_httpx_client(Connection(base_url=url, headers=headers, timeout=timeout_s, transport=transport))
    return client


def _kept(path: Path) -> str:
    """Return the token that a file holds."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8").strip()
    except OSError:
        raise InvalidInputError(
            f"no token: set {TOKEN}, or write one that `qdash token create` gave to {path} (chmod 600)"
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InvalidInputError(f"others may read the token in {path}: chmod 600 {path}, or make a new one")
    return text


def _unreachable(request: httpx.Request, error: Exception) -> HostError:
    return HostError(f"the host at {request.url.copy_with(path='/', query=None)} cannot be reached: {error}")
