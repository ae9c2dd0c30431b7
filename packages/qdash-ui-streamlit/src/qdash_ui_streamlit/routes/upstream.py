"""Requests to the host behind the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECT_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 60.0
"""Longest silence of the host, in seconds; an event stream sends something four times in this interval."""
_LARGEST_POOL = 100
"""Maximum number of concurrent responses, without event streams."""


class HostUnreachableError(Exception):
    """The host cannot be reached."""


class Upstream:
    """Client of the host; its event `shutdown` is set at shutdown, and ends endless responses."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = httpx.URL(url)
        timeout = httpx.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S)
        self._clients = {
            most: httpx.AsyncClient(
                transport=transport, timeout=timeout, limits=httpx.Limits(max_connections=most)
            )
            for most in (_LARGEST_POOL, None)
        }
        self.shutdown = anyio.Event()

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        headers: Mapping[str, str],
        content: bytes | None = None,
        endless: bool = False,
    ) -> httpx.Response:
        """Send a request, and return the response without its body; the caller reads and closes it.

        Parameters
        ----------
        path : str
            Escaped path below that of the host, without `..`.
        query : bytes
            Escaped query.

        Raises
        ------
        HostUnreachableError
            If the host cannot be reached.
        """
        raw = self._base.raw_path.partition(b"?")[0].rstrip(b"/") + path.encode("ascii")
        url = self._base.copy_with(raw_path=raw + (b"?" + query if query else b""))
        client = self._clients[None if endless else _LARGEST_POOL]
        asked = {"accept-encoding": "identity", **headers}
        request = client.build_request(method, url, headers=asked, content=content)
        try:
            return await client.send(request, stream=True)
        except httpx.TransportError as error:
            raise self._describe_failure(error) from error

    async def fetch(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes
    ) -> httpx.Response:
        """Send a request, and return the response with its body, which must be small. Parameters as of `send`."""
        answer = await self.send(method, path, headers=headers, content=content)
        try:
            await answer.aread()
        except httpx.TransportError as error:
            raise self._describe_failure(error) from error
        finally:
            await answer.aclose()
        return answer

    def _describe_failure(self, error: Exception) -> HostUnreachableError:
        text = str(error) or type(error).__name__
        return HostUnreachableError(
            f"the host at {self._base} cannot be reached ({text}): check that it is running, then try again"
        )

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
