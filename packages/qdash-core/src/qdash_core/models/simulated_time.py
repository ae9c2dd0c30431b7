"""Simulated time of a home, as its surfaces say it: HTTP header and sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.process.clock import get_clock, utc_now

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

HEADER = "QDash-Simulated-Time"
"""Header of every response, except to `/health`, of a host whose home has a simulated clock: the time of the home in UTC, as ISO 8601 text."""
LABEL = "Simulated time"
FIELD, FILE = "simulated_time", "simulated-time.txt"
"""Field of documents, and file of folders and archives, that leave such a home."""


def get_simulated_time() -> datetime | None:
    """Return the time of the home of this process if its clock is simulated, else None."""
    return select_simulated_time(utc_now())


def select_simulated_time(now: datetime) -> datetime | None:
    """Return a time of the home of this process if its clock is simulated, else None."""
    return now if get_clock().simulated else None


def describe_simulated_time(moment: datetime, zone: tzinfo) -> str:
    """Return the sentence that says that a home has a simulated clock: `Simulated time: 2026-01-06 01:12+01:00`."""
    return f"{LABEL}: {moment.astimezone(zone).isoformat(sep=' ', timespec='minutes')}"


def mark_simulated_time(title: str, moment: datetime, zone: tzinfo) -> str:
    """Return the title of a message about this moment, with the sentence if the home of this process has a simulated clock."""
    return f"{title} ({describe_simulated_time(moment, zone)})" if get_clock().simulated else title
