"""Steps for qubits that have not been calibrated."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qdash.workflow.service.modes import Mode  # noqa: TC001  flow checks read the annotations
from qdash.workflow.service.resonator_patterns import make_positions
from qdash.workflow.service.results import OneQubitResult, QubitCalibData
from qdash.workflow.service.steps.base import CalibrationStep
from qdash.workflow.service.tasks import BRINGUP_TASKS, EXPERIMENTAL_SIMULTANEOUS_BRINGUP_TASKS
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash.workflow.service.step_service import StepService
    from qdash.workflow.service.steps.context import StepContext
    from qdash.workflow.service.targets import Target

__all__ = ["BringUp", "ExperimentalSimultaneousBringUp"]

logger = logging.getLogger(__name__)

_FEED_LINE = "CheckResonatorFrequencies"
_RESONATORS = "CheckResonatorSpectroscopy"
_TOGETHER = "CheckSimultaneousQubitSpectroscopy"
_SCHEDULES = {"all": False, "local_index": True}
"""Schedules of the simultaneous spectroscopy: whether one qubit of each multiplexer is measured at a time."""


@dataclass
class BringUp(CalibrationStep):
    """Frequencies and amplitudes of the qubits of the flow. The result is `ctx.metadata["bringup"]`.

    With a `resonator_assignment_pattern`, `default` or `16q`, here or in the run parameters of the session, the task
    `CheckResonatorFrequencies` first assigns the resonances of each feed line of four qubits by their order; otherwise the chip's design
    assigns them.
    """

    mode: Mode = "scheduled"
    tasks: list[str] = field(default_factory=lambda: list(BRINGUP_TASKS))
    resonator_assignment_pattern: str | None = None

    def __post_init__(self) -> None:
        if self.resonator_assignment_pattern:
            make_positions(self.resonator_assignment_pattern)

    @property
    def name(self) -> str:
        """Name of the step."""
        return "bringup"

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:
        """Run the tasks. The status of each qubit follows their results."""
        qids, tasks, results = targets.to_qids(service.chip_id), self.tasks, []
        pattern = self.resonator_assignment_pattern or service.resonator_assignment_pattern
        if pattern:
            positions = {"positions": make_positions(pattern)}
            tasks = [name for name in tasks if name != _FEED_LINE]
            results.append(
                service.measure_qubits(
                    qids, [_FEED_LINE], mode=self.mode, calibrating=True, parameters=positions
                )
            )
        if tasks:
            results.append(service.measure_qubits(qids, tasks, mode=self.mode, calibrating=True))
        ctx.metadata[self.name] = _merge_results(results)
        return ctx


@dataclass
class ExperimentalSimultaneousBringUp(CalibrationStep):
    """Bring-up in which the spectroscopy measures all qubits at once. The result is `ctx.metadata["bringup"]`."""

    resonator_mode: Mode = "scheduled"
    qubit_mode: Mode = "simultaneous_spectroscopy"
    simultaneous_spectroscopy_schedule_mode: Literal["all", "local_index"] = "all"
    tasks: list[str] = field(default_factory=lambda: list(EXPERIMENTAL_SIMULTANEOUS_BRINGUP_TASKS))

    def __post_init__(self) -> None:
        if self.simultaneous_spectroscopy_schedule_mode not in _SCHEDULES:
            raise InvalidInputError(
                f"there is no schedule {self.simultaneous_spectroscopy_schedule_mode!r} of a simultaneous spectroscopy "
                f"(there are: {', '.join(_SCHEDULES)})"
            )
        for name in (_RESONATORS, _TOGETHER):
            if name not in self.tasks:
                raise InvalidInputError(f"{self.name} needs the task {name}")

    @property
    def name(self) -> str:
        """Name of the step."""
        return "experimental_simultaneous_bringup"

    @property
    def provides(self) -> set[str]:
        """The result, under the name of the usual bring-up too."""
        return {self.name, "bringup"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:
        """Run resonators, spectroscopy and the other tasks."""
        qids = targets.to_qids(service.chip_id)
        others = [name for name in self.tasks if name not in (_RESONATORS, _TOGETHER)]
        results = [
            service.measure_qubits(qids, [_RESONATORS], mode=self.resonator_mode, calibrating=True),
            service.measure_qubits(
                qids,
                [self._choose_spectroscopy(service)],
                mode=self.qubit_mode,
                one_of_each_mux=_SCHEDULES[self.simultaneous_spectroscopy_schedule_mode],
                calibrating=True,
            ),
        ]
        if others:
            results.append(service.measure_qubits(qids, others, mode=self.resonator_mode, calibrating=True))
        ctx.metadata[self.name] = ctx.metadata["bringup"] = _merge_results(results)
        return ctx

    def _choose_spectroscopy(self, service: StepService) -> str:
        run = service.step_run
        if run.installed([_TOGETHER]):
            return _TOGETHER
        if not run.previewing:
            logger.warning(
                "%s is not installed for this backend: CheckQubitSpectroscopy measures all qubits at once instead",
                _TOGETHER,
            )
        return "CheckQubitSpectroscopy"


def _merge_results(results: list[OneQubitResult]) -> OneQubitResult:
    """Return the results of several steps as one: a qubit that failed in one of them has failed."""
    merged = OneQubitResult()
    for result in results:
        for qid, data in result.qubits.items():
            before = merged.get_qubit(qid)
            if before is None:
                merged.add_qubit(qid, data)
                continue
            failed = "failed" in (before.status, data.status)
            raw = {**before.raw, **data.raw, "status": "failed" if failed else "success"}
            metrics = {**before.metrics, **data.metrics}
            merged.add_qubit(qid, QubitCalibData("failed" if failed else "success", metrics, raw))
    return merged
