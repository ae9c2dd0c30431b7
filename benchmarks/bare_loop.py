"""Bring-up without an engine: the same programs on the same twin in a plain loop.

It has no schedule beyond its groups, no checks, no verdicts, no raw data and no store. The difference is the
cost of the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.chips.topology import make_topology
from qdash_core.errors import QDashError
from qdash_core.models.targets import make_coupling_id
from qdash_core.scheduling.rules import make_qubit_conflicts
from qdash_core.tasks.base import ChipView, RunContext
from qdash_fake.backend import FakeBackend
from qdash_fake.folders import twin_folder
from qdash_fake.twin import create_twin
from qdash_scheduling.orderings import UncoupledStrategy
from qdash_tasks.flows import BRING_UP
from qdash_tasks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask
    from qdash_fake.devices import DeviceTable


class BareLoop:
    """An open twin and the values measured so far.

    Parameters
    ----------
    home
        Parent folder of the twin.
    table, seed
        Device table and seed of the twin.
    """

    def __init__(self, home: Path, table: DeviceTable, *, seed: int) -> None:
        create_twin(twin_folder(home, project_id="default", chip_id=table.device), table, seed)
        couplings = [make_coupling_id(row.control, row.target) for row in table.couplings]
        topology = make_topology(table.device, list(table.qids), list(dict.fromkeys(couplings)))
        self._groups = UncoupledStrategy().colour(make_qubit_conflicts(table.qids, topology)).groups
        self._chip = ChipView(table.device, "fake", topology)
        self._backend = FakeBackend()
        self._backend.context = BackendContext("default", table.device, (), home)
        self._design = FakeBackend.design(self._backend.context)
        self._values: dict[str, dict[str, Parameter]] = {qid: {} for qid in table.qids}

    def run(self) -> int:
        """Bring up every qubit; return the number of analyses that gave values."""
        tasks = {task.name: task for task in TASKS}
        self._backend.connect()
        return sum(self._measured(tasks[name], group) for group in self._groups for name in BRING_UP)

    def _measured(self, task: type[BaseTask], group: Sequence[str]) -> int:
        needed = [name for name, given in task.input_parameters.items() if given.required]
        ready = [qid for qid in group if all(name in self._values[qid] for name in needed)]
        self._backend.apply({qid: self._inputs(task, qid) for qid in ready})
        instances = [self._prepared(task, qid) for qid in ready]
        completed = 0
        for instance, raw in zip(instances, task.run_group(self._backend, instances), strict=True):
            if isinstance(raw, Exception):
                continue
            try:
                output = instance.postprocess(self._backend, raw)
            except QDashError:
                continue
            self._values[instance.context.qid].update(output.parameters)
            completed += 1
        return completed

    def _inputs(self, task: type[BaseTask], qid: str) -> dict[str, Parameter]:
        known = self._values[qid]
        return {name: known[name] for name in task.input_parameters if name in known}

    def _prepared(self, task: type[BaseTask], qid: str) -> BaseTask:
        instance = task()
        instance.context = RunContext(
            qid=qid,
            inputs=self._inputs(task, qid),
            parameters={name: declared.resolved() for name, declared in task.run_parameters.items()},
            execution_id="",
            task_id="",
            chip=self._chip,
            partial=lambda _: None,
            design={qid: self._design[qid]},
            _cancelled=lambda: False,
        )
        return instance
