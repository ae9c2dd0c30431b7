"""Timetables as schedules of the service of a runner, see `RunSchedules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.timetables.models.timetable import AfterCooldown, Cron, Interval, Moment
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.run_schedules import RunSchedule

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.runtime.runtime import Runtime


class TimetableSchedules:
    """Schedules of the timetables of the store."""

    def list_all(self, runtime: Runtime) -> list[RunSchedule]:
        """Return the schedules of all projects."""
        with runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            projects = repositories.of(ProjectRepository).list_all()
            return [
                _make_schedule(one)
                for each in projects
                for one in repositories.of(TimetableRepository).list_by_project(each.project_id)
            ]

    def is_due(self, runtime: Runtime, now: datetime) -> bool:
        """Return whether a timetable is due at a time."""
        return bool(runtime.repositories.of(TimetableRepository).list_due(now))

    def find_outcome(self, runtime: Runtime, project_id: str, name: str) -> tuple[datetime, str] | None:
        """Return the time and the outcome of the last occurrence of a timetable, or None."""
        found = runtime.repositories.of(TimetableRepository).find(project_id, name)
        if found is None or (last := found.last) is None:
            return None
        begun = f"execution {last.execution_id}" if last.execution_id else str(last.became)
        return last.at, last.why or begun


def _make_schedule(timetable: TimetableModel) -> RunSchedule:
    flow = "" if timetable.request is None else timetable.request.flow
    times: dict[str, Any] = {}
    match timetable.when:
        case Cron(expression=expression):
            times = {"cron": expression, "timezone": timetable.timezone}
        case Interval(every_s=every_s, anchor=anchor):
            times = {"every_s": every_s, "begins_at": anchor or timetable.created_at}
        case Moment(at=at):
            times = {"begins_at": at}
        case AfterCooldown(at=known):
            times = {"begins_at": known or timetable.created_at}
    return RunSchedule(timetable.project_id, timetable.name, flow, timetable.next_at, **times)


SCHEDULES = TimetableSchedules()
