"""Calibration session as steps use it: tasks on qubits, on couplings and on single targets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.flow_record import FlowRecord
from qdash.workflow.service.modes import select_mode
from qdash.workflow.service.results import OneQubitResult, TwoQubitResult
from qdash.workflow.service.run_parameters import select_task_parameters
from qdash.workflow.service.task_results import (
    make_coupling_data,
    make_pair_id,
    make_qubit_data,
    make_task_result,
)
from qdash_core.errors import FlowError, InvalidInputError
from qdash_core.flows.exclusions import find_set_aside
from qdash_core.models.strategies import StrategySelection, select_strategies
from qdash_core.models.targets import by_number, make_coupling_id, parse_coupling_id, parse_target_id
from qdash_core.models.task import TaskStatus
from qdash_core.process.interrupts import forbid_interrupts
from qdash_core.scheduling.coupling_schedules import CouplingRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.hooks.flows import StepRun
    from qdash_core.models.task import TaskResultModel


class StepService(FlowRecord):
    """Calibration session as steps use it. See `CalibService`, which runs them."""

    _scheduled: object = None

    @property
    def step_run(self) -> StepRun:
        """The run, or its preview, that executes a step now; without one, a run on the session's qubits, which starts the session."""
        if self._run is None:
            self._run = self._calibration.open_live_run(self.qids or list(self.read_chip().qubits))
        return self._run

    @contextmanager
    def use_run(self, run: StepRun) -> Iterator[None]:
        """Open a block in which steps are executed in a run or a preview."""
        before, self._run = self._run, run
        try:
            yield
        finally:
            self._run = before

    def measure_qubits(
        self,
        qids: Sequence[str],
        tasks: Sequence[str],
        *,
        mode: str,
        one_of_each_mux: bool = False,
        calibrating: bool = False,
        parameters: Mapping[str, object] | None = None,
    ) -> OneQubitResult:
        """Run tasks in order on qubits, except those that a person has set aside.

        Parameters
        ----------
        mode : str
            A mode of the original, see `modes`.
        one_of_each_mux : bool
            Whether one qubit of each multiplexer is measured at a time.
        calibrating : bool
            Whether the status of each qubit follows the results.
        parameters : mapping of str to value, or None
            Run parameters, which each of the tasks has.
        """
        run = self.step_run
        selection = select_mode(mode, run.chip).over(
            StrategySelection(one_of_each_mux=one_of_each_mux or None)
        )
        usable = self._select_usable(qids)
        results = self._measure(
            usable, tasks, "qubit", selection, calibrating=calibrating, parameters=parameters
        )
        found = {qid: make_qubit_data(qid, results) for qid in usable}
        return OneQubitResult({} if run.previewing else found)

    def measure_couplings(
        self,
        groups: Sequence[Sequence[tuple[str, str]]],
        tasks: Sequence[str],
        *,
        max_parallel: int,
        calibrating: bool = False,
    ) -> TwoQubitResult:
        """Run tasks in order on couplings, given in groups of (control, target).

        Groups that `schedule_couplings` returned are measured in its order, others one after another.
        """
        run = self.step_run
        pairs = [(control, target) for group in groups for control, target in group]
        couplings = {make_coupling_id(*pair): pair for pair in pairs}
        if groups is not self._scheduled:
            run.set_targets(self._select_usable(list(couplings)))
            named = [[make_coupling_id(*pair) for pair in group] for group in groups]
            run.set_coupling_groups(named, {coupling: pair[0] for coupling, pair in couplings.items()})
            usable = list(run.targets)
        elif couplings:
            usable = self._select_usable(list(couplings))
        else:
            usable = list(run.targets)  # a check makes no schedule
        selection = select_strategies(max_parallel=max_parallel)
        results = self._measure(usable, tasks, "coupling", selection, calibrating=calibrating)
        measured = {result.qid: make_pair_id(result) for result in results}
        return TwoQubitResult({pair: make_coupling_data(qid, results) for qid, pair in measured.items()})

    def schedule_couplings(
        self, qids: Sequence[str], *, inverse: bool = False, max_parallel: int
    ) -> list[list[tuple[str, str]]]:
        """Choose directions and groups of the couplings between qubits, and return groups of (control, target)."""
        run = self.step_run
        run.set_targets(self._select_usable(qids))
        rule = "checkerboard-inverse" if inverse else "checkerboard"
        rules = CouplingRules(direction=rule, max_parallel=max_parallel)  # type: ignore[arg-type]
        groups = [list(group) for group in run.schedule_couplings("best", rules)]
        self._scheduled = groups
        return groups

    def _measure(
        self,
        targets: Sequence[str],
        tasks: Sequence[str],
        kind: Any,
        selection: StrategySelection,
        *,
        calibrating: bool,
        parameters: Mapping[str, object] | None = None,
    ) -> list[TaskResultModel]:
        """Run tasks on targets; without targets nothing is run."""
        run = self.step_run
        run.set_targets(targets)
        if not targets and not run.previewing:
            return []
        measure = run.calibrate if calibrating else run.run_tasks
        self._store_parameter_calls()
        with forbid_interrupts():
            results = measure(tasks, kind=kind, selection=selection, parameters=parameters)
        return list({result.node: result for result in results}.values())

    def _select_usable(self, targets: Sequence[str]) -> list[str]:
        chip = self.step_run.chip
        chip.require_targets(targets)
        return sorted(set(targets).difference(find_set_aside(targets, chip)), key=by_number)

    def execute_task(
        self,
        task_name: str,
        qid: str,
        task_details: dict[str, Any] | None = None,
        upstream_id: str | None = None,
    ) -> dict[str, Any]:
        """Run one task on one target, and return its estimates with `task_id`.

        Parameters
        ----------
        task_name : str
            The task.
        qid : str
            Qubit, `CONTROL-TARGET`, or empty for the whole chip.
        task_details : dict or None
            `{task: {"run_parameters": {name: {"value": ..}}, "input_parameters": {name: {"value": ..}}}}`. Given inputs are used instead
            of the chip's values; a unit, if given, is the declared one.
        upstream_id : str or None
            Accepted for flows of the original: the record finds the earlier result itself.

        Raises
        ------
        FlowError
            If the task did not complete; the message has the reason.
        NotFoundError, InvalidInputError
            If there is no such task, or it does not declare a run parameter or input. The session does not start.
        """
        return self.execute_task_batch(task_name, [qid], task_details, upstream_id)[qid]

    def execute_task_batch(
        self,
        task_name: str,
        qids: list[str],
        task_details: dict[str, Any] | None = None,
        upstream_id: str | None = None,  # noqa: ARG002
    ) -> dict[str, dict[str, Any]]:
        """Run one task on several targets together, within the limits of the backend. See `execute_task`."""
        if self._run is not None and self._run.previewing:
            raise InvalidInputError(f"{task_name}: a preview runs no task")
        with self._lock:
            task = self._calibration.plan_task(task_name).task
            parameters, inputs = select_task_parameters(task_details, task_name, task)
            self._calibration.plan_task(task_name, parameters, inputs)  # refused before the session starts
            orchestrator = self._begin()
            self._store_parameter_calls()
            targets = {
                qid: parse_target_id(qid) if task.task_type in ("qubit", "coupling") else qid for qid in qids
            }
            with forbid_interrupts():
                if task.task_type == "coupling":
                    orchestrator.set_directions(
                        {parse_coupling_id(qid): qid.partition("-")[0] for qid in qids}
                    )
                if task.task_type in ("qubit", "coupling") and len(qids) > 1:
                    run = self._calibration.open_live_run(list(targets.values()))
                    kind: Any = task.task_type
                    results = run.run_tasks([task_name], kind=kind, parameters=parameters, inputs=inputs)
                else:
                    results = [
                        orchestrator.run_task(task_name, one, parameters=parameters, inputs=inputs)
                        for one in targets.values()
                    ]
        found = {result.qid: result for result in results}
        return {qid: _require_completed(found[target]) for qid, target in targets.items()}


def _require_completed(result: TaskResultModel) -> dict[str, Any]:
    """Return the estimates of a result; raise FlowError if the task did not complete."""
    if result.status is not TaskStatus.COMPLETED:
        on = f" on {result.qid}" if result.qid else ""
        raise FlowError(
            f"{result.name}{on} {result.status}: {result.message or 'no reason'} (result {result.task_id})"
        )
    return make_task_result(result)
