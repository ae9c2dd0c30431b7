"""States of timetables, counted for programs that watch the home."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from qdash_builtin.timetables.models.timetable import MomentOutcome
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.gauges import HostGauge
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.identity import ProjectRepository

if TYPE_CHECKING:
    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.runtime.application import QDash

TIMETABLE_STATES: tuple[str, ...] = (
    "paused",
    "unstarted",
    *get_args(MomentOutcome.model_fields["became"].annotation),
)
"""States of timetables; those after the first two are outcomes of the last start."""


def count_states(repositories: Repositories) -> dict[str, int]:
    """Return the number of timetables of all projects by state, one of `TIMETABLE_STATES`."""
    found = Counter(
        _get_state(repositories, timetable)
        for project in repositories.of(ProjectRepository).list_all()
        for timetable in repositories.of(TimetableRepository).list_by_project(project.project_id)
    )
    return {state: found[state] for state in TIMETABLE_STATES}


def read_gauges(qdash: QDash, _username: str) -> list[HostGauge]:
    """Return the gauge of the timetables of all projects."""
    found = {(state,): number for state, number in count_states(qdash.repositories).items()}
    return [
        HostGauge(
            "timetables", "Timetables of all projects, by the outcome of their last start.", found, ("state",)
        )
    ]


def _get_state(repositories: Repositories, timetable: TimetableModel) -> str:
    """Return the state of a timetable: `failed` also if the run that it started has failed."""
    if timetable.paused:
        return "paused"
    last = timetable.last
    if last is None:
        return "unstarted"
    if last.execution_id:
        started = repositories.of(ExecutionRepository).find(timetable.project_id, last.execution_id)
        if started is not None and started.status is ExecutionStatus.FAILED:
            return "failed"
    return last.became
