"""Call of a route: the caller, their access, and the request headers."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from qdash_api.routing.role_check import require_role
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.errors import QDashError
from qdash_core.models.pages import PageRequest
from qdash_core.operations.call import ResponseKnown
from qdash_core.operations.versions import make_version, parse_version
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pydantic import BaseModel
    from starlette.requests import Request

    from qdash_api.process.counters import Counters
    from qdash_api.routing.response_cache import Key, ResponseCache
    from qdash_core.access.request_audit import AuditEntry
    from qdash_core.features.declarations import HostCounter
    from qdash_core.models.access import Access
    from qdash_core.models.caller import Caller
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.operations import call as operations
    from qdash_core.operations.operation import Operation
    from qdash_core.runtime.application import QDash

_AGE_STEP_S = 300.0
"""Time for which a response with ages remains valid, in seconds."""


class NotModified(ResponseKnown):
    """Result of a request for a version that the caller already has."""


class CacheHit(ResponseKnown):
    """Result of a request whose response to this version is cached."""

    def __init__(self, body: bytes) -> None:
        self.body = body


@dataclass(slots=True)
class Call:
    """Call of an operation by a request.

    `etag` has quotes, and is empty if the response has none; one without a `cache_key` is not cached.
    """

    request: Request
    page: PageRequest = field(default_factory=PageRequest)
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cache_key: Key | None = None

    @property
    def qdash(self) -> QDash:
        """Services of the host."""
        found: QDash = self.request.app.state.qdash
        return found

    @property
    def caller(self) -> Caller:
        """Authenticated caller."""
        found: Caller = self.request.state.caller
        return found

    @property
    def token(self) -> AccessTokenModel:
        """Token of the caller."""
        return self.caller.token

    @property
    def administers(self) -> bool:
        """True if the caller administers the store with this token."""
        return self.caller.administers

    @property
    def trusted_files(self) -> bool:
        """False: the caller is elsewhere, and names no files of this machine."""
        return False

    @property
    def username(self) -> str:
        """Username of the caller."""
        return self.caller.username

    @property
    def access(self) -> Access:
        """Caller's access to the project of the request; the property raises the reason if there is none."""
        return self.caller.access

    def explain_lost_access(self) -> str:
        """Return why the caller has no longer the role that the operation requires, or empty text: for responses that last."""
        operation: Operation[..., Any] = self.request.scope["route"].operation
        authenticator = self.qdash.get(AUTHENTICATOR)
        secret = self.request.headers["authorization"].partition(" ")[2].strip()
        caller = authenticator.authenticate(secret, self.access.project_id)
        if caller is None:
            return "the token is no longer valid"
        authenticator.record_use(caller)
        try:
            require_role(caller, operation.needs, reads=operation.reads)
        except QDashError as refused:
            return str(refused)
        return ""

    @property
    def address(self) -> str:
        """Client address of the request; empty if unknown."""
        return self.request.client.host if self.request.client else ""

    def set_replayed(self) -> None:
        """Tell the caller that an earlier request with the same key had this response."""
        self.headers["idempotency-replayed"] = "true"

    def claim_username(self, username: str) -> None:
        """Record the claimed username of an unauthenticated request for the audit log."""
        self.request.state.claimed_username = username

    def record_project(self, project_id: str) -> None:
        """Record a project that the request has created in the audit log."""
        entry: AuditEntry = self.request.state.audit_entry
        entry.record_project(project_id)

    def record_objects(self, paths: Iterable[str]) -> None:
        """Record each object that the request changes in the audit log, by its path."""
        entry: AuditEntry = self.request.state.audit_entry
        entry.add_objects(paths)

    def record_drafter(self, drafter: str) -> None:
        """Record in the audit log which assistant drafted the proposal that the user confirms, even if it has expired."""
        entry: AuditEntry = self.request.state.audit_entry
        entry.record_drafter(drafter)

    def count(self, counter: HostCounter, *labels: str, amount: float = 1) -> None:
        """Add to a counter that a feature declares."""
        counters: Counters = self.request.app.state.counters
        counters.add(counter, labels, amount)

    @property
    def request_id(self) -> str:
        """Request id, as in the logs."""
        return str(getattr(self.request.state, "request_id", ""))

    @property
    def idempotency_key(self) -> str | None:
        """`Idempotency-Key` header of the request."""
        return self.request.headers.get("idempotency-key")

    @property
    def as_of(self) -> datetime | None:
        """Time of the last change that the caller has seen, from `If-Match`, or None to change any version.

        Raises InvalidInputError if the header is not an ETag of such a resource.
        """
        return parse_version(self.request.headers.get("if-match"))

    @property
    def expected_version(self) -> str | None:
        """Version that the caller has seen, from `If-Match`, `*` for any, or None without the header."""
        text = self.request.headers.get("if-match")
        return None if text is None else text.strip().removeprefix("W/").strip('"')

    def set_changed_at(self, moment: datetime | None, *, seq: int | None = None, ages: bool = False) -> None:
        """Set the ETag of the response from the time of the last change. Raises as `version`.

        With a sequence number, a cached response to this version is returned by raising `CacheHit`.

        Parameters
        ----------
        seq : int or None
            Number of the newest event, if the response contains more than the editable fields; 0 if no event
            is recorded, so that it is unknown whether the rest has changed.
        ages : bool
            Whether values in the response become too old without an event: its version then changes every five
            minutes, too.
        """
        if moment is not None:
            rest = "" if seq is None else f"-{seq or uuid4().hex}"
            rest += f"-{int(utc_now().timestamp() // _AGE_STEP_S)}" if ages else ""
            self.set_version(make_version(moment) + rest)
            if seq and self.request.method in ("GET", "HEAD"):
                self._raise_if_cached()

    def set_version(self, text: str) -> None:
        """Set the ETag of the response.

        Raises NotModified if the request only reads, and the caller already has this version.
        """
        self.etag = f'"{text}"'
        if self.request.method not in ("GET", "HEAD"):
            return
        known = self.request.headers.get("if-none-match", "")
        if self.etag in (one.strip().removeprefix("W/") for one in known.split(",")):
            raise NotModified

    def cache_response(self, body: bytes) -> None:
        """Cache the response if it is the same for every member of the project until the next event."""
        if self.cache_key is not None:
            self._response_cache.put(self.cache_key, body)

    def _raise_if_cached(self) -> None:
        url = self.request.url
        self.cache_key = self.access.project_id, f"{url.path}?{url.query}", self.etag
        body = self._response_cache.find(self.cache_key)
        if body is not None:
            raise CacheHit(body)

    @property
    def _response_cache(self) -> ResponseCache:
        found: ResponseCache = self.request.app.state.response_cache
        return found

    def set_version_from(self, document: BaseModel) -> None:
        """Set the ETag to a hash of a document that is cheap to make. Raises as `version`."""
        self.set_version(sha256(document.model_dump_json(exclude_none=True).encode()).hexdigest()[:32])


def require_host_call(call: operations.Call) -> Call:
    """Return the call of an operation that belongs to the host alone."""
    assert isinstance(call, Call), "only requests call operations of the host"
    return call
