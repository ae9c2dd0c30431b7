"""How people come in over the network: by a link that sets a password up once, and by logging in, not too often."""

from datetime import datetime, timedelta
from typing import Self

from qdash_core.models.base import Record, UtcDatetime


class SetUpLinkModel(Record):
    """A link by which a user sets their password, once and within its time. Its code is not kept."""

    code_hash: str
    """SHA-256 of the code, in hexadecimal."""
    username: str
    expires_at: UtcDatetime


class LoginAttemptModel(Record):
    """How often a login has failed lately, by one user, from one address, or both."""

    subject: str
    """SHA-256 of who it is counted for: what was typed as a name may have been a password."""
    n: int = 0
    last_at: UtcDatetime

    @classmethod
    def first(cls, subject: str, *, now: datetime) -> Self:
        """Return the count before anything has failed."""
        return cls(subject=subject, last_at=now, created_at=now, updated_at=now)

    def is_over(self, window: timedelta, *, now: datetime) -> bool:
        """Whether what was counted is so long ago that counting begins anew."""
        return now - self.created_at >= window
