"""Schedules of runs, which the service of a runner triggers and a feature decides on."""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_core.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class RunSchedule:
    """Times at which something starts: by a cron expression, at an interval, or else once.

    `flow` is empty for something that is no run. `next_at` is None if it is paused or over. `cron` is empty or an
    expression in `timezone`; `begins_at` is the first time of an interval, or the only time.
    """

    project_id: str
    name: str
    flow: str
    next_at: datetime | None
    cron: str = ""
    timezone: str = "UTC"
    every_s: float | None = None
    begins_at: datetime | None = None


class RunSchedules(Protocol):
    """Schedules of a feature, which names them in `schedules`."""

    def list_all(self, runtime: Runtime) -> Sequence[RunSchedule]:
        """Return the schedules of all projects."""

    def is_due(self, runtime: Runtime, now: datetime) -> bool:
        """Return whether something had to start at a time, and has not."""

    def find_outcome(self, runtime: Runtime, project_id: str, name: str) -> tuple[datetime, str] | None:
        """Return the last time of a schedule that was dealt with, and its outcome for people, or None."""


def load_run_schedules(runtime: Runtime) -> list[RunSchedules]:
    """Return the schedules of all features."""
    return [resolve_name(place) for _, place in runtime.registry.list_named("schedules")]
