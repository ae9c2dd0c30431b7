"""Running a calibration to its end, whichever way it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.flows.steps import CustomOneQubit, CustomTwoQubit
from qdash_core.interrupts import held_back, raise_pending

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.flows.service import CalibService
    from qdash_core.flows.steps import Step
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.execution import ExecutionModel


def steps_of(name: str, registry: Registry, *, backend: str) -> Sequence[Step]:
    """Return the steps of the flow called `name`, or the one step of the task of that name or alias.

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
        hint = _other_case(name, [*flows, *(task for _, task in registry.tasks())])
        raise NotFoundError(f"there is no flow or task {name!r}{hint} (flows: {known}): {error}") from error
    return [CustomTwoQubit([task.name]) if task.task_type == "coupling" else CustomOneQubit([task.name])]


def _other_case(name: str, known: Iterable[str]) -> str:
    same = [one for one in known if one.casefold() == name.casefold()]
    return f"; did you mean {same[0]!r}?" if same else ""


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
        After the calibration has been recorded as cancelled; says which.
    QDashError
        Whatever stopped it, after it has been recorded as failed.
    """
    with held_back(calibration.request_cancel):
        try:
            calibration.run(targets, steps)
            raise_pending()
            return calibration.finish_calibration()
        except KeyboardInterrupt as interrupt:
            if calibration.begun:
                cancelled = calibration.cancel_calibration()
                raise KeyboardInterrupt(f"execution {cancelled.execution_id} is cancelled") from interrupt
            raise
        except BaseException as error:
            if calibration.begun:
                _fail(calibration, error)
            raise


def _fail(calibration: CalibService, error: BaseException) -> None:
    """Record the failure; a store that cannot even do that must not hide what went wrong first."""
    try:
        calibration.fail_calibration(str(error) or type(error).__name__)
    except QDashError as second:
        error.add_note(f"the failure could not be recorded: {second}")
