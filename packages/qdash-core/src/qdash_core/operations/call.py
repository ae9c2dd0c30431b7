"""Call of an operation: the caller, and the parts of a request that no parameter has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pydantic import BaseModel

    from qdash_core.features.declarations import HostCounter
    from qdash_core.models.access import Access
    from qdash_core.models.caller import Caller
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.runtime.application import QDash


class ResponseKnown(BaseException):
    """Early end of an operation whose answer need not be made, since the caller, or a cache, has this version of it.

    `except Exception` in an operation does not stop it.
    """


class Call(Protocol):
    """First argument of the function of every operation; each transport has its own class."""

    @property
    def qdash(self) -> QDash:
        """Services."""

    @property
    def caller(self) -> Caller:
        """Authenticated caller."""

    @property
    def token(self) -> AccessTokenModel | None:
        """Token of the caller, or None on the home of this machine, which needs none."""

    @property
    def administers(self) -> bool:
        """True if the caller administers the store."""

    @property
    def trusted_files(self) -> bool:
        """True if the caller may name files of this machine, which its processes then read and run; False over a network."""

    @property
    def username(self) -> str:
        """Username of the caller."""

    @property
    def access(self) -> Access:
        """Caller's access to the project of the call; the property raises the reason if there is none."""

    @property
    def page(self) -> PageRequest:
        """Requested page of a list."""

    @property
    def address(self) -> str:
        """Network address of the caller; empty if unknown."""

    @property
    def idempotency_key(self) -> str | None:
        """Key of the call: a repetition with the same key has no further effect."""

    @property
    def as_of(self) -> datetime | None:
        """Time of the last change that the caller has seen, or None to change any version."""

    @property
    def expected_version(self) -> str | None:
        """Version that the caller has seen, `*` for any, or None if it names none."""

    def set_changed_at(self, moment: datetime | None, *, seq: int | None = None, ages: bool = False) -> None:
        """Set the version of the answer from the time of the last change; None for no version.

        `seq` is the number of the newest event, if the answer contains more than the editable fields; 0 if no event
        is recorded. `ages` tells whether values in the answer become too old without an event.

        Raises
        ------
        ResponseKnown
            If the answer need not be made; the transport handles it.
        """

    def set_version(self, text: str) -> None:
        """Set the version of the answer. Raises as `set_changed_at`."""

    def set_version_from(self, document: BaseModel) -> None:
        """Set the version of the answer to a hash of a document that is cheap to make. Raises as `set_changed_at`."""

    def set_replayed(self) -> None:
        """Tell the caller that an earlier call with the same idempotency key had this answer."""

    def claim_username(self, username: str) -> None:
        """Record the claimed username of an unauthenticated call in the audit log.

        An operation that calls it before it refuses the caller has its refusals recorded; it must limit failed
        attempts, so that they cannot fill the store.
        """

    def record_project(self, project_id: str) -> None:
        """Record a project that the call has created in the audit log."""

    def record_objects(self, paths: Iterable[str]) -> None:
        """Record each object that the call changes in the audit log, by its path."""

    def record_drafter(self, drafter: str) -> None:
        """Record in the audit log which assistant drafted the proposal that the user confirms, even if it has expired."""

    def count(self, counter: HostCounter, *labels: str, amount: float = 1) -> None:
        """Add to a counter that a feature declares, with a value of each of its labels."""
