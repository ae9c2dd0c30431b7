"""A settable clock for services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that stands still at noon of 2026-04-01, UTC, until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def forward(self, **by: float) -> datetime:
        """Advance by `days`, `hours`, `minutes`; return the new time."""
        self.now += timedelta(**by)
        return self.now
