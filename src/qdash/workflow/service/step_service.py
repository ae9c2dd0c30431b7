"""Interface of a calibration session for steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from qdash.workflow.service.results import OneQubitResult, TwoQubitResult
    from qdash_core.hooks.flows import StepRun


class StepService(Protocol):
    """Calibration session as steps use it: see `CalibService`, which has further methods for steps of flows."""

    username: str
    chip_id: str

    @property
    def step_run(self) -> StepRun:
        """The run, or its preview, that executes a step now."""

    def use_run(self, run: StepRun) -> AbstractContextManager[None]:
        """Open a block in which steps are executed in a run or a preview."""

    def measure_qubits(
        self,
        qids: Sequence[str],
        tasks: Sequence[str],
        *,
        mode: str,
        one_of_each_mux: bool = False,
        calibrating: bool = False,
    ) -> OneQubitResult:
        """Run tasks in order on qubits."""

    def measure_couplings(
        self,
        groups: Sequence[Sequence[tuple[str, str]]],
        tasks: Sequence[str],
        *,
        max_parallel: int,
        calibrating: bool = False,
    ) -> TwoQubitResult:
        """Run tasks in order on couplings, given in groups of (control, target)."""

    def schedule_couplings(
        self, qids: Sequence[str], *, inverse: bool = False, max_parallel: int
    ) -> list[list[tuple[str, str]]]:
        """Choose directions and groups of the couplings between qubits."""

    def execute_task(
        self, task_name: str, qid: str, task_details: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run one task on one target, and return its estimates with `task_id`."""
