"""The check before a run, and what a run is expected to do: both by a preview of its steps, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.cancellation import checkpoint
from qdash_core.errors import NotFoundError
from qdash_core.flows.forecasts import forecasts_of
from qdash_core.flows.preflight import require_inputs
from qdash_core.flows.preview import Preview
from qdash_core.flows.stages import without_done
from qdash_core.flows.usual_tasks import steps_to_run
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import qubits_of
from qdash_core.tasks.overrides import check_overrides

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.flows.forecasts import Forecast
    from qdash_core.flows.stages import Stage
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.models.task import Node
    from qdash_core.record.config import CalibConfig
    from qdash_core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Checked:
    """A run that can begin.

    Parameters
    ----------
    chip, backend, catalogue
        On what, by what, and the tasks that it has there.
    targets : list of str
        What is measured.
    left_out : mapping of str to str
        What was named and a person has set aside, each with the reason.
    steps : sequence of Step
        With the tasks that they run on the chip.
    tasks_left_out : mapping of str to str
        Tasks of the flow that are not run there, each with the reason.
    """

    chip: Chip
    backend: type[BaseBackend]
    catalogue: Catalogue
    targets: list[str]
    left_out: Mapping[str, str]
    steps: Sequence[Step]
    tasks_left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A run before it begins.

    Parameters
    ----------
    targets : list of str
        What is measured.
    stages : list of Stage
        What each step will run on what.
    forecasts : list of Forecast or None
        What each stage is expected to take; None where nothing is measured on qubits or couplings.
    left_out : mapping of str to str
        What is not measured although it was named, as far as that is known, each with the reason.
    tasks_left_out : mapping of str to str
        Tasks of the flow that are not run on this chip, each with the reason.
    """

    targets: list[str]
    stages: list[Stage]
    forecasts: list[Forecast | None]
    left_out: Mapping[str, str]
    tasks_left_out: Mapping[str, str]

    @property
    def measures(self) -> bool:
        """Whether anything is measured at all."""
        return any(stage.tasks_on(target) for stage in self.stages for target in stage.targets)


def check(
    runtime: Runtime,
    config: CalibConfig,
    targets: Targets,
    steps: Sequence[Step],
    *,
    role: ProjectRole = ProjectRole.EDITOR,
) -> Checked:
    """Refuse a run that cannot be what it should be.

    Parameters
    ----------
    role : ProjectRole
        What the user is to be at least.

    Raises
    ------
    AccessDeniedError
        If the user is not.
    NotFoundError, InvalidInputError
        If a task, target, step or run parameter is not what it should be.
    MissingInputError
        If none of the targets of a stage has what its tasks need.
    """
    project_id = runtime.access(config.username, config.project_id, role).project_id
    chip = runtime.chip_record.show(project_id, config.chip_id)
    backend = runtime.registry.backend(config.backend_name or chip.header.backend)
    catalogue = runtime.catalogue(project_id, config.chip_id, backend_name=backend.name)
    resolved = targets.resolve(chip)
    found = steps_to_run(steps, resolved, chip, runtime.registry, catalogue)
    named = [catalogue.task(name) for step in found.steps for name in step.tasks or ()]
    preview = Preview(chip, runtime.registry, resolved, backend=backend, catalogue=catalogue)
    for step in found.steps:
        preview.apply(step)
    known = dict.fromkeys([*named, *(task for stage in preview.stages for task in stage.tasks)])
    check_overrides(list(known), config.run_parameters)
    require_inputs(runtime, project_id, chip, preview.stages, catalogue)
    outside = [target for target in resolved if not _is_inside(target, config.qids)]
    if outside:
        raise NotFoundError(f"{', '.join(outside)}: not among the qids of this calibration")
    return Checked(
        chip, backend, catalogue, resolved, targets.left_out(chip), found.steps, found.skipped_tasks
    )


def foresee(
    runtime: Runtime,
    config: CalibConfig,
    targets: Targets,
    steps: Sequence[Step],
    *,
    done: Collection[Node] | None = None,
) -> Foreseen:
    """Return what a run will do, having checked it; a viewer may ask. Raises as `check`.

    Parameters
    ----------
    done : collection of nodes, or None
        What is answered from an earlier run; None: there is none.
    """
    checked = check(runtime, config, targets, steps, role=ProjectRole.VIEWER)
    preview = Preview(
        checked.chip,
        runtime.registry,
        checked.targets,
        backend=checked.backend,
        catalogue=checked.catalogue,
        foreseeing=True,
    )
    for step in checked.steps:
        checkpoint()
        preview.apply(step)
    header = checked.chip.header
    stages = preview.stages if done is None else without_done(preview.stages, done)
    forecasts = forecasts_of(
        runtime.store, header.project_id, header.chip_id, stages, lanes=checked.backend.max_parallel
    )
    left_out = {**checked.left_out, **preview.left_out}
    return Foreseen(checked.targets, stages, forecasts, left_out, checked.tasks_left_out)


def _is_inside(target: str, qids: Sequence[str]) -> bool:
    """Whether a target, or both qubits of a coupling, are among those that the calibration will touch; none: any."""
    return not qids or target in qids or ("-" in target and set(qids).issuperset(qubits_of(target)))
