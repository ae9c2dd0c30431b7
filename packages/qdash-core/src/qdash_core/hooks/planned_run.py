"""Plan of a run, as plugins see it before the run begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """Stage of a planned run.

    Parameters
    ----------
    step : str
        Kind of the step.
    tasks, targets : tuple of str
        Names of the tasks in their order, and the targets; earlier stages may leave fewer.
    foreseen : bool
        Whether the step cannot run other tasks or targets than these.
    """

    step: str
    tasks: tuple[str, ...]
    targets: tuple[str, ...]
    foreseen: bool = True


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """Plan of a run.

    Parameters
    ----------
    name : str
        Name of the flow.
    saved, simulated : bool
        Whether accepted values become those of the chip, and whether a chip of another backend is simulated.
    """

    project_id: str
    chip_id: str
    username: str
    name: str
    backend: str
    tags: tuple[str, ...]
    saved: bool
    simulated: bool
    stages: tuple[PlannedStage, ...]
