"""Programs to run concurrently: `python -m faults.concurrent_programs NAME ARGUMENTS` prints a list as JSON."""

from __future__ import annotations

import json
import sys

from qdash_core import CalibConfig, CalibOrchestrator, open_qdash
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.writer import EventOrigin, TargetEdit, write_event

DAY = "20260101"
"""The day for the history of values entered by hand."""


def run_sessions(chip: str, rounds: str) -> list[str]:
    """Start and end a number of sessions on a chip; return their ids."""
    given = []
    with open_qdash() as qdash:
        for _ in range(int(rounds)):
            orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id=chip), qdash)
            orchestrator.initialize()
            given.append(orchestrator.execution.execution_id)
            orchestrator.complete()
    return given


def measure(rounds: str) -> list[str]:
    """Measure qubit 0 of the rack repeatedly; return the results."""
    with open_qdash() as qdash:
        orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id="rack"), qdash)
        orchestrator.initialize()
        results = [orchestrator.run_task("Works", "0") for _ in range(int(rounds))]
        orchestrator.complete()
    return [result.task_id for result in results]


def enter_values(parameter: str, rounds: str) -> list[str]:
    """Enter values of one parameter of qubit 0 of the rack by hand; return those that were overwritten before
    the next.
    """
    lost = []
    with open_qdash() as qdash:
        qubits = qdash.repositories.of(QubitCalibrationRepository)
        for value in range(int(rounds)):
            edit = TargetEdit("0", {parameter: ParameterModel(value=value)})
            with qdash.store.transaction() as transaction:
                origin = EventOrigin(ValueEventKind.SET, "admin")
                write_event(
                    Repositories(transaction), "default", "rack", origin, [edit], today=DAY, cooldown_id=None
                )
            qubit = qubits.find("default", "rack", "0")
            if qubit is None or qubit.data[parameter].value != value:
                lost.append(f"{parameter} = {value}")
    return lost


def set_statuses(rounds: str) -> list[str]:
    """Set the status of qubit 0 of the rack repeatedly; return the cases in which another one was read back."""
    lost = []
    with open_qdash() as qdash:
        for number in range(int(rounds)):
            status = (TargetStatus.CALIBRATED, TargetStatus.FAILED)[number % 2]
            qdash.chip_record.set_status("default", "rack", "0", status)
            qubit = qdash.repositories.of(QubitCalibrationRepository).find("default", "rack", "0")
            if qubit is None or qubit.status is not status:
                lost.append(f"{status} of round {number}")
    return lost


WORKS = {work.__name__: work for work in (run_sessions, measure, enter_values, set_statuses)}

if __name__ == "__main__":
    print(json.dumps(WORKS[sys.argv[1]](*sys.argv[2:])))
