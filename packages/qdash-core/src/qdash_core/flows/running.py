"""Running a calibration to its end, whichever way it ends."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.flows.steps import CustomOneQubit, CustomTwoQubit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from qdash_core.flows.service import CalibService
    from qdash_core.flows.steps import Step
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.execution import ExecutionModel


def steps_of(name: str, registry: Registry, *, backend: str) -> Sequence[Step]:
    """Return the steps of the flow called `name`, or the one step of the task of that name.

    Raises
    ------
    NotFoundError
        If there is neither.
    """
    flows = registry.flows()
    if name in flows:
        return flows[name].steps
    try:
        task = registry.task(name, backend=backend)
    except NotFoundError as error:
        known = ", ".join(sorted(flows)) or "none is installed"
        raise NotFoundError(f"there is no flow or task {name!r} (flows: {known}): {error}") from error
    return [CustomTwoQubit([name]) if task.task_type == "coupling" else CustomOneQubit([name])]


class Runner(Protocol):
    """Sees to it that a calibration runs, in this process or elsewhere. `QDASH_RUNNER` names the one in use."""

    @property
    def name(self) -> str:
        """Name of the runner."""

    def run(self, calibration: CalibService, targets: Targets, steps: Sequence[Step]) -> ExecutionModel:
        """Run steps on targets, and return the ended execution. Raises as `run_to_end`."""


class LocalRunner:
    """Runs in this process."""

    name = "local"

    def run(self, calibration: CalibService, targets: Targets, steps: Sequence[Step]) -> ExecutionModel:
        return run_to_end(calibration, targets, steps)


def run_to_end(calibration: CalibService, targets: Targets, steps: Sequence[Step]) -> ExecutionModel:
    """Run steps and end the calibration: finished, failed by what was raised, or cancelled by Ctrl-C or SIGTERM.

    Raises
    ------
    KeyboardInterrupt
        After the calibration has been recorded as cancelled.
    QDashError
        Whatever stopped it, after it has been recorded as failed.
    """
    with _sigterm_as_interrupt():
        try:
            calibration.run(targets, steps)
        except KeyboardInterrupt:
            if calibration.begun:
                calibration.cancel_calibration()
            raise
        except BaseException as error:
            if calibration.begun:
                _fail(calibration, error)
            raise
        return calibration.finish_calibration()


def _fail(calibration: CalibService, error: BaseException) -> None:
    """Record the failure; a store that cannot even do that must not hide what went wrong first."""
    try:
        calibration.fail_calibration(str(error) or type(error).__name__)
    except QDashError as second:
        error.add_note(f"the failure could not be recorded: {second}")


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let a polite end (SIGTERM) take the way of Ctrl-C. Signals reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
