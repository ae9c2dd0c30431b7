"""State of a home, as programs watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.home.home_state import MonitoringService, measure_disks
from qdash_builtin.metrics.feature import JUDGEMENTS
from qdash_builtin.people.feature import USERS
from qdash_builtin.runs.gauges import count_interrupted
from qdash_builtin.timetables.states import count_states
from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.settings import Settings

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT
from ..timetables.conftest import MIDNIGHT, make_night, night

if TYPE_CHECKING:
    from pathlib import Path

    from ..timetables.conftest import Night

__all__ = ["make_night", "night"]


def make_service(night: Night) -> MonitoringService:
    return MonitoringService(
        night.bench.qdash.store, night.bench.qdash.settings, night.bench.qdash.get(JUDGEMENTS)
    )


def count_timetables(night: Night) -> dict[str, int]:
    return {state: n for state, n in count_states(night.bench.repositories).items() if n}


@pytest.mark.every_store
def test_executions_timetables_and_targets_are_counted_by_state(night: Night) -> None:
    night.add()
    night.add("later", paused=True)
    monitoring = make_service(night)
    before = monitoring.read("admin")
    assert before.executions == dict.fromkeys(ExecutionStatus, 0)
    assert count_timetables(night) == {"unstarted": 1, "paused": 1}

    (outcome,) = night.look_at(MIDNIGHT)
    night.perform(outcome.outcome.execution_id)
    night.bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, ["4"], TargetStatus.DEAD, "open line")
    after = monitoring.read("admin")
    assert after.executions[ExecutionStatus.COMPLETED] == 1
    assert count_timetables(night) == {"started": 1, "paused": 1}
    qubits, couplings = after.targets
    assert (qubits.project_id, qubits.chip_id, qubits.kind) == (PROJECT, CHIP, "qubit")
    assert qubits.attention.statuses[TargetStatus.DEAD] == 1
    assert sum(qubits.attention.statuses.values()) == 5
    assert couplings.attention.statuses == {TargetStatus.PENDING: 4}
    assert after.store_size == night.bench.qdash.store.measure_size()


def test_a_timetable_whose_run_failed_counts_as_failed(night: Night) -> None:
    night.add()
    (outcome,) = night.look_at(MIDNIGHT)
    run = night.bench.get_execution(outcome.outcome.execution_id)
    for status in (ExecutionStatus.RUNNING, ExecutionStatus.FAILED):
        was, run = run.status, run.model_copy(update={"status": status})
        night.bench.repositories.of(ExecutionRepository).replace(run, was=was)
    assert count_timetables(night) == {"failed": 1}


@pytest.mark.every_store
def test_a_running_execution_of_a_dead_process_is_interrupted(night: Night) -> None:
    session = night.bench.start_session()
    assert count_interrupted(night.bench.qdash.store) == 0
    night.bench.abandon(session)
    assert count_interrupted(night.bench.qdash.store) == 1


def test_targets_are_those_of_the_projects_of_the_user(night: Night) -> None:
    night.bench.qdash.get(USERS).create("bob", by="admin")
    assert make_service(night).read("bob").targets == []


def test_each_disk_is_named_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "not yet" / "home")
    (disk,) = measure_disks(settings, None)
    assert disk.holds == "home"
    assert 0 < disk.free_bytes <= disk.size_bytes


def test_a_disk_elsewhere_is_named_by_what_it_holds(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", artifacts_url="file:///proc/raw")
    assert [disk.holds for disk in measure_disks(settings, None)] == ["home", "raw data"]
