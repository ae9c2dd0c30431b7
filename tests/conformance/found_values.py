"""Values that the tasks of a calibration find one after the other on a twin, recorded in `found_values.json`.

`python -m tests.conformance.found_values` records them anew: after a new task, or after a change of the twin.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.models.estimates import Parameter
from qdash_fake.backend import FakeBackend
from qdash_fake.devices import load_device
from qdash_fake.folders import twin_folder
from qdash_fake.twin import create_twin
from qdash_tasks import tasks
from qdash_testing import TaskContract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.tasks.base import BaseTask

    Values = Mapping[str, Parameter]
    """Estimates by name."""
    Found = dict[str, dict[str, Values]]
    """Values by target and by the name of the task."""

UNCOUPLED = ("0", "3")
"""Qubits of jakarta that can be measured together."""
NEIGHBOURS = ("1", "5")
"""Their neighbours, which can be measured together, too."""
COUPLINGS = ("0-1", "3-5")
"""Couplings of jakarta that can be measured together, with the lower number as a good control."""
ROLES = ("control", "target")
RECORD = Path(__file__).with_suffix(".json")


def twin_context(home: Path) -> BackendContext:
    """Create a twin in `home`, always of the same chip."""
    create_twin(twin_folder(home, project_id="default", chip_id="jakarta"), load_device("jakarta"), 1)
    return BackendContext("default", "jakarta", (), home)


def connected(home: Path) -> FakeBackend:
    backend = FakeBackend()
    backend.context = twin_context(home)
    backend.connect()
    return backend


def designed(target: str) -> Mapping[str, Mapping[str, float]]:
    """Return the design values of the target, or of both qubits of a coupling."""
    return {one: values for one, values in twin_design().items() if one in {target, *target.split("-")}}


@cache
def twin_design() -> Mapping[str, Mapping[str, float]]:
    """Return the design values of the whole chip."""
    with TemporaryDirectory() as home:
        return FakeBackend.design(twin_context(Path(home)))


@cache
def read_found() -> Found:
    """Return the recorded values."""
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    return {
        target: {
            task: {name: Parameter(*one) for name, one in values.items()} for task, values in of_tasks.items()
        }
        for target, of_tasks in recorded.items()
    }


def find_before(task: type[BaseTask], target: str, found: Found) -> dict[str, Parameter]:
    """Return the values of a target before a task, those of both qubits of a coupling among them."""
    known = {}
    for role, qid in zip(ROLES, target.split("-"), strict=True) if "-" in target else ():
        of_qubit = (values for values in found[qid].values())
        known |= {f"{role}_{name}": one for values in of_qubit for name, one in values.items()}
    for earlier in tasks.TASKS:
        if earlier is task:
            break
        if earlier.task_type == task.task_type:
            known |= found[target][earlier.name]
    return known


def measure_found() -> Found:
    """Measure the values of all tasks."""
    found: Found = {}
    for kind, targets in (("qubit", UNCOUPLED), ("qubit", NEIGHBOURS), ("coupling", COUPLINGS)):
        found |= {target: {} for target in targets}
        for task in tasks.TASKS:
            if task.task_type == kind:
                for target, values in zip(targets, _measure(task, targets, found), strict=True):
                    found[target][task.name] = values
    return found


def _measure(task: type[BaseTask], targets: Sequence[str], found: Found) -> list[Values]:
    """Return the values that a task finds on targets in one group."""
    contract = type("Earlier", (TaskContract,), {"task": task, "targets": targets})()
    contract.inputs, contract.design = lambda target: find_before(task, target, found), designed
    with TemporaryDirectory() as home:
        backend = connected(Path(home))
        instances = contract.prepared(backend)
        measured = task.run_group(backend, instances)
        return [one.postprocess(None, raw).parameters for one, raw in zip(instances, measured, strict=True)]


def write_found(found: Found) -> None:
    """Record values, those of a task on a target in a line of their own."""
    lines = [
        f'  "{target}": {{\n'
        + ",\n".join(
            f'    "{task}": '
            + json.dumps({name: [one.value, one.error, one.unit] for name, one in values.items()})
            for task, values in of_tasks.items()
        )
        + "\n  }"
        for target, of_tasks in found.items()
    ]
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write_found(measure_found())
