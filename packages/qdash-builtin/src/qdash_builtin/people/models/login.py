"""Set-up links for passwords, and counts of failed logins."""

from datetime import datetime, timedelta
from typing import Self

from qdash_core.models.base import Record, UtcDatetime


class SetUpLinkModel(Record):
    """A single-use link, valid for a limited time, to set a user's password. Its code is not stored."""

    code_hash: str
    """SHA-256 of the code, in hexadecimal."""
    username: str
    expires_at: UtcDatetime


class LoginAttemptModel(Record):
    """Number of recent failed logins of a user, from an address, or both."""

    subject: str
    """SHA-256 of the counted user or address, since users may type a password in place of the name."""
    n: int = 0
    last_at: UtcDatetime

    @classmethod
    def create(cls, subject: str, *, now: datetime) -> Self:
        """Return the count before the first failure."""
        return cls(subject=subject, last_at=now, created_at=now, updated_at=now)

    def is_expired(self, window: timedelta, *, now: datetime) -> bool:
        """Return whether the counting window has expired, so that counting restarts."""
        return now - self.created_at >= window
