"""Client of Prefect's REST interface that does not import Prefect, as that takes seconds.

Routes and fields are those of Prefect 3.8's server (`/docs` of a server shows them).
"""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

import httpx

from qdash_core.errors import ConflictError, NotFoundError, QDashError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from qdash_prefect.settings import PrefectSettings

Document = dict[str, Any]
"""JSON object, as the server returns it."""

_TIMEOUT_S = 10.0
_PAUSES_S = (0.1, 0.3, 1.0)
"""Delays before retries: a busy server on SQLite briefly answers 503, and has written nothing."""
_PAGE = 200
"""Largest number of rows in one response of the server."""


class PrefectError(QDashError):
    """The Prefect server refused a request; the message gives its reason."""


class PrefectUnavailableError(PrefectError, StoreUnavailableError):
    """The Prefect server is unavailable; the operation is retried later."""


class PrefectSettingsError(PrefectUnavailableError):
    """The server cannot be used with the current settings; the message names the setting."""


class PrefectClient:
    """Client of a Prefect server. A context manager; thread-safe."""

    def __init__(self, settings: PrefectSettings, *, transport: httpx.BaseTransport | None = None) -> None:
        auth = None
        if settings.auth_string is not None:
            user, _, password = settings.auth_string.get_secret_value().partition(":")
            auth = httpx.BasicAuth(user, password)
        self.url = settings.api_url
        known = settings.certificates
        self._http = httpx.Client(
            base_url=self.url,
            auth=auth,
            timeout=_TIMEOUT_S,
            transport=transport,
            trust_env=False,
            verify=True if known is None else ssl.create_default_context(cafile=known),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str) -> Any:
        """Return the resource at a path. Raises as `request`."""
        return self.request("GET", path)

    def post(self, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        """Post a body, and return the response. Raises as `request`."""
        return self.request("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change the resource at a path. Raises as `request`."""
        return self.request("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete the resource at a path. Raises as `request`."""
        self.request("DELETE", path)

    def list_rows(self, path: str, body: Mapping[str, Any]) -> list[Document]:
        """Return all rows that match a filter (`/flow_runs/filter`, ..), from all pages. Raises as `request`."""
        rows: list[Document] = []
        while True:
            page = self.post(path, {**body, "limit": _PAGE, "offset": len(rows)})
            rows += page
            if len(page) < _PAGE:
                return rows

    def request(self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        """Send a request, and return the response; None if it is empty.

        Raises
        ------
        PrefectUnavailableError
            If the server does not answer, is temporarily unavailable or refuses the credentials, or if
            another server answers.
        NotFoundError, ConflictError, PrefectError
            If it refuses the request; the message repeats its reason.
        """
        try:
            answer = self._http.request(method, path, json=body)
            for pause_s in _PAUSES_S:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    break
                time.sleep(pause_s)
                answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise PrefectUnavailableError(f"Prefect does not respond at {self.url}: {error}") from error
        if answer.is_success:
            return self._parse(answer, f"{method} {path}")
        reason = f"Prefect at {self.url} responded to {method} {path} with status {answer.status_code}: {answer.text[:500]}"
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise PrefectSettingsError(
                f"Prefect at {self.url} refuses the credentials (status {answer.status_code}): set PREFECT_API_AUTH_STRING"
                " to the server's PREFECT_SERVER_API_AUTH_STRING"
            )
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:  # or from a proxy before it
            raise PrefectUnavailableError(reason)
        refusals = {int(httpx.codes.NOT_FOUND): NotFoundError, int(httpx.codes.CONFLICT): ConflictError}
        raise refusals.get(answer.status_code, PrefectError)(reason)

    def _parse(self, answer: httpx.Response, asked: str) -> Any:
        try:
            return answer.json() if answer.content else None
        except ValueError as error:  # an HTML page of a proxy
            raise PrefectSettingsError(
                f"no Prefect server at {self.url}: the response to {asked} is not JSON ({answer.text[:100]!r});"
                " check that PREFECT_API_URL ends in /api"
            ) from error
