"""HTTP to the endpoint: the key in one header, no redirects, answers of limited size."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from qdash_core.parsing.urls import is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import SecretStr

    from qdash_assistant.settings import AssistantSettings

MOST_BYTES = 16_000_000
"""Maximum size of one answer of the endpoint."""
_BYTES_PER_CHUNK = 64

_SENT_HEADERS = frozenset(
    {"accept", "connection", "content-length", "content-type", "host", "transfer-encoding"}
)


class OversizedAnswerError(httpx2.TransportError):
    """An answer exceeds the maximum size, or is compressed, so that its size is unknown."""


def open_http_client(settings: AssistantSettings, key: SecretStr | None) -> httpx2.AsyncClient:
    """Return a client for one endpoint, to be closed by the caller.

    Redirects are answers like any other, and only the headers listed here are sent: the vendor's library would follow
    redirects with the questions, and send headers from variables such as `OPENAI_ORG_ID`.
    """

    async def set_headers(request: httpx2.Request) -> None:
        for name in set(request.headers) - _SENT_HEADERS:
            del request.headers[name]
        request.headers["accept-encoding"] = "identity"
        request.headers["user-agent"] = "qdash-assistant"
        if key is not None:
            request.headers["authorization"] = f"Bearer {key.get_secret_value()}"

    async def limit_size(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise OversizedAnswerError("compressed")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _LimitedStream(response.stream)

    address = urlsplit(settings.url or "")
    return httpx2.AsyncClient(
        event_hooks={"request": [set_headers], "response": [limit_size]},
        follow_redirects=False,
        # A proxy would see the key on its way to an endpoint on this machine.
        trust_env=not is_loopback(address.hostname or ""),
        verify=address.scheme == "https",  # reading the certificates takes longer than all the rest
        timeout=httpx2.Timeout(settings.timeout_s, connect=min(10.0, settings.timeout_s)),
    )


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            # Reading a small chunk takes as long as reading some text.
            if (size := size + len(chunk) + _BYTES_PER_CHUNK) > MOST_BYTES:
                raise OversizedAnswerError("too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
