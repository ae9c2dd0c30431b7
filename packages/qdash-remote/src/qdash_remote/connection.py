"""Connections to a host with a token and a project, which perform operations there."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import httpx

from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import USUAL_PAGE
from qdash_core.models.simulated_time import HEADER
from qdash_core.operations.transport import list_every
from qdash_core.parsing.urls import is_loopback
from qdash_core.process.clock import machine_now
from qdash_core.settings import load_settings
from qdash_remote.identity import PATH, Identity
from qdash_remote.problems import HostError, HostUnreachableError, make_error
from qdash_remote.server_sent_events import SILENCE_S, read_messages
from qdash_remote.transport import make_request, read_answer, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from qdash_core.documents.pages import PageOf
    from qdash_core.operations.operation import Operation
    from qdash_remote.server_sent_events import ServerSentMessage

P = ParamSpec("P")
T = TypeVar("T")

TOKEN = "QDASH_TOKEN"  # noqa: S105  the name of a variable
TIMEOUT_S = 60.0


class Connection(httpx.Client):
    """HTTP client of a host, which performs the operations of `qdash_core.operations` there.

    Every request raises the errors of `problems.ERRORS`, and `HostError` if the host cannot be reached.

    Attributes
    ----------
    simulated_time
        Simulated time of the home at the last response, or None if its clock is that of its machine.
    """

    simulated_time: datetime | None = None

    def __init__(self, base_url: str, **options: Any) -> None:
        # A proxy of the network does not reach this machine, and need not know the token.
        super().__init__(base_url=base_url, trust_env=not is_loopback(httpx.URL(base_url).host), **options)

    def ask(self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        """Perform an operation with these arguments, and return its answer; files arrive as one chunk."""
        return self.ask_versioned(operation, *given, **named)[0]

    def ask_versioned(
        self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs
    ) -> tuple[T, str]:
        """Perform an operation, and return its answer with the ETag, empty if there is none."""
        response = self.request(**make_request(operation, given, named))
        return read_answer(operation, response), response.headers.get("etag", "")

    def every(self, operation: Operation[P, PageOf[T]], /, *given: P.args, **named: P.kwargs) -> Iterator[T]:
        """Yield each item of a list; read pages on demand, of the size that the operation has by `paged`."""
        options = operation.options
        sized = operation.paged(limit=options.limit or USUAL_PAGE, after=options.after)
        return list_every(self, sized, *given, **named)

    def identify(self) -> Identity:
        """Return the user of the token, and their role in the project; raise LoginError if the token is not valid."""
        return self.fetch(Identity, "GET", PATH)

    def fetch(self, kind: Callable[..., T], method: str, path: str, **options: Any) -> T:
        """Send a request with the options of `request`, and return the answer as a model, without the fields that the model lacks."""
        return read_json(kind, self.request(method, path, **options))

    def receive(self, path: str, body: Mapping[str, object]) -> Generator[ServerSentMessage, None, None]:
        """Send a request whose answer is a stream, and yield its messages as they arrive; raise HostError if the connection is lost."""
        try:
            with self.stream("POST", path, json=body, timeout=SILENCE_S) as response:
                yield from read_messages(response.iter_lines())
        except httpx.TransportError as error:
            raise HostError(f"the connection ended before the answer: {error}") from error

    def now(self) -> datetime:
        """Return the time of the host's home: its simulated time at the last response, else the time of this machine."""
        return self.simulated_time or machine_now()

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, and raise the error if the response is one."""
        try:
            response = super().send(request, **options)
            if response.is_error:
                response.read()
        except httpx.TransportError as error:
            raise _make_unreachable_error(request, error) from error
        text = response.headers.get(HEADER)
        self.simulated_time = None if text is None else datetime.fromisoformat(text)
        if response.is_error:
            raise make_error(response)
        return response


def connect(
    url: str | None = None,
    token: str | None = None,
    project: str | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
    transport: httpx.BaseTransport | None = None,
) -> Connection:
    """Return a connection to a host.

    Parameters
    ----------
    url : str or None
        None for the setting `api_url`.
    token : str or None
        None for `QDASH_TOKEN` or the file `token` in the home, which only its owner may read.
    project : str or None
        None for the caller's default project.

    Raises
    ------
    InvalidInputError
        If there is no token, or other users may read its file.
    """
    if url is None or token is None:
        settings = load_settings()
        url = url or settings.api_url
        token = token or os.environ.get(TOKEN) or read_token(settings.home / "token")
    return Connection(
        base_url=url, headers=make_headers(token, project), timeout=timeout_s, transport=transport
    )


def make_headers(token: str | None, project: str | None) -> dict[str, str]:
    """Return the headers of a user's requests in a project, without those that are None."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return headers | ({} if project is None else {"x-project-id": project})


def read_token(path: Path) -> str:
    """Return the token in a file; raise InvalidInputError if there is none, or other users may read it."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8").strip()
    except OSError:
        raise InvalidInputError(
            f"no token: set {TOKEN}, or save a token from `qdash token create` in {path} (chmod 600)"
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InvalidInputError(
            f"other users can read the token in {path}: run `chmod 600 {path}`, or create another token"
        )
    return text


def _make_unreachable_error(request: httpx.Request, error: Exception) -> HostUnreachableError:
    return HostUnreachableError(
        f"the host at {request.url.copy_with(path='/', query=None)} cannot be reached: {error}"
    )
