"""The host behind the dashboard: how it is asked, and what is said when it is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECT_S = 5.0
_ANSWER_S = 60.0
"""So long a silence of the host may be, in seconds; a stream of events says something four times in it."""
_MOST = 100
"""So many answers are on their way at a time; streams of events are not counted."""


class AwayError(Exception):
    """The host cannot be reached."""


class Upstream:
    """The host.

    Parameters
    ----------
    url : str
        Where it is.
    transport : httpx.AsyncBaseTransport or None
        How requests are sent; None: over the network.

    Attributes
    ----------
    ending
        Set when this server ends: what goes on for ever ends then.
    """

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = httpx.URL(url)
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._clients = {
            most: httpx.AsyncClient(
                transport=transport, timeout=timeout, limits=httpx.Limits(max_connections=most)
            )
            for most in (_MOST, None)
        }
        self.ending = anyio.Event()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        headers: Mapping[str, str],
        content: bytes | None = None,
        endless: bool = False,
    ) -> httpx.Response:
        """Return the head of what the host answers; its body is still to be read, and it is to be closed.

        Parameters
        ----------
        method : str
            HTTP's.
        path : str
            Below that of the host, as it is sent: without what leads out of it.
        query : bytes
            As it is sent.
        headers : mapping
            Of the request.
        content : bytes or None
            Its body.
        endless : bool
            Whether the answer is a stream that goes on.

        Raises
        ------
        AwayError
            If it cannot be reached.
        """
        raw = self._base.raw_path.partition(b"?")[0].rstrip(b"/") + path.encode("ascii")
        url = self._base.copy_with(raw_path=raw + (b"?" + query if query else b""))
        client = self._clients[None if endless else _MOST]
        asked = {"accept-encoding": "identity", **headers}
        request = client.build_request(method, url, headers=asked, content=content)
        try:
            return await client.send(request, stream=True)
        except httpx.TransportError as error:
            raise self._away(error) from error

    async def ask_whole(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes
    ) -> httpx.Response:
        """Return what the host answers, with its body, which is small. Parameters and errors: see `ask`."""
        answer = await self.ask(method, path, headers=headers, content=content)
        try:
            await answer.aread()
        except httpx.TransportError as error:
            raise self._away(error) from error
        finally:
            await answer.aclose()
        return answer

    def _away(self, error: Exception) -> AwayError:
        said = str(error) or type(error).__name__
        return AwayError(
            f"the host at {self._base} cannot be reached ({said}): see whether it runs, then try again"
        )

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
