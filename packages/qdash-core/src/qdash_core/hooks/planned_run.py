"""Plan of a run, as plugins see it before the run begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """Stage of a planned run: kind of the step, names of the tasks in their order, and targets.

    Earlier stages may leave fewer targets. `foreseen` tells whether the step cannot run other tasks or targets than
    these.
    """

    step: str
    tasks: tuple[str, ...]
    targets: tuple[str, ...]
    foreseen: bool = True


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """Plan of a run, whose `name` is that of the flow.

    `saved` tells whether accepted values become those of the chip, and `simulated` whether a chip of another backend
    is simulated.
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
