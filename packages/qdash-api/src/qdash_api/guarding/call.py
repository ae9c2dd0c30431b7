"""One call of a route: who calls, with what access, and what its headers say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import PageRequest

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.requests import Request

    from qdash_api.guarding.remembered import Key, Remembered
    from qdash_core.application import QDash
    from qdash_core.models.access import Access
    from qdash_core.projects.callers import Caller

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class NotModified(Exception):  # noqa: N818  no error: the caller has it already
    """The caller has this version already."""


class Known(Exception):  # noqa: N818  no error: the host has it already
    """The host has made the answer before, and it is still this version."""

    def __init__(self, body: bytes) -> None:
        self.body = body


@dataclass(slots=True)
class Call:
    """What a route is given.

    Attributes
    ----------
    page
        Which page of a list is asked for.
    etag
        Of the answer, quotes included; empty: it has none.
    headers
        Further ones of the answer.
    lasting
        As what the answer can be kept; None: as nothing.
    """

    request: Request
    page: PageRequest = field(default_factory=PageRequest)
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    lasting: Key | None = None

    @property
    def qdash(self) -> QDash:
        """Every service."""
        found: QDash = self.request.app.state.qdash
        return found

    @property
    def caller(self) -> Caller:
        """Who calls."""
        found: Caller = self.request.state.caller
        return found

    @property
    def username(self) -> str:
        """Who calls, by name."""
        return self.caller.username

    @property
    def access(self) -> Access:
        """The caller's access to the project of the request; raises why there is none."""
        return self.caller.access

    @property
    def address(self) -> str:
        """Whence the request came; empty where that is not known."""
        return self.request.client.host if self.request.client else ""

    def said_to_be(self, username: str) -> None:
        """Say for the audit log who somebody says that they are, who has not shown it."""
        self.request.state.said_to_be = username

    @property
    def request_id(self) -> str:
        """By which the request is found in the logs."""
        return str(getattr(self.request.state, "request_id", ""))

    @property
    def idempotency_key(self) -> str | None:
        """`Idempotency-Key` of the request."""
        return self.request.headers.get("idempotency-key")

    @property
    def as_of(self) -> datetime | None:
        """When what is to be changed had been changed last as the caller read it, by `If-Match`; None: whatever it is.

        Raises
        ------
        InvalidInputError
            If it is no ETag of such a thing.
        """
        text = self.request.headers.get("if-match")
        if text is None or text == "*":
            return None
        try:
            return _EPOCH + int(text.strip('"').partition("-")[0], 36) * _MICROSECOND
        except (ValueError, OverflowError):
            raise InvalidInputError("If-Match is no ETag that was given with this: read it again") from None

    def changed_at(self, moment: datetime | None, *, seq: int | None = None) -> None:
        """Say when what is answered was changed last: its ETag. Raises as `version`.

        With a number, who may see the project is answered what the host has made of this version before: `Known`.

        Parameters
        ----------
        moment : datetime or None
            When; None: there is no ETag.
        seq : int or None
            Number of the newest event, where more is answered than can be edited; 0: none is on record, and nobody knows
            whether the rest is as it was.
        """
        if moment is not None:
            rest = "" if seq is None else f"-{seq or uuid4().hex}"
            self.version(_base36((moment - _EPOCH) // _MICROSECOND) + rest)
            if seq and self.request.method in ("GET", "HEAD"):
                self._recall()

    def version(self, text: str) -> None:
        """Say which version the answer is: its ETag.

        Raises
        ------
        NotModified
            If it is read, and the caller has this one.
        """
        self.etag = f'"{text}"'
        if self.request.method not in ("GET", "HEAD"):
            return
        known = self.request.headers.get("if-none-match", "")
        if self.etag in (one.strip().removeprefix("W/") for one in known.split(",")):
            raise NotModified

    def remember(self, body: bytes) -> None:
        """Keep what was read for whoever asks for the same, where it is alike for all of a project until the next event."""
        if self.lasting is not None:
            self._remembered.keep(self.lasting, body)

    def _recall(self) -> None:
        url = self.request.url
        self.lasting = self.access.project_id, f"{url.path}?{url.query}", self.etag
        body = self._remembered.find(self.lasting)
        if body is not None:
            raise Known(body)

    @property
    def _remembered(self) -> Remembered:
        found: Remembered = self.request.app.state.remembered
        return found

    def version_of(self, document: BaseModel) -> None:
        """Say that the answer is this document, whose text is its ETag: for what is short and cheap. Raises as `version`."""
        self.version(sha256(document.model_dump_json(exclude_none=True).encode()).hexdigest()[:32])


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, last = divmod(number, 36)
        text = digits[last] + text
    return text or "0"
