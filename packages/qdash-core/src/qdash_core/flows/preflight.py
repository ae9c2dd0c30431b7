"""Whether tasks can begin at all: the inputs that neither the chip has nor an earlier task makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.chip import controlling
from qdash_core.errors import MissingInputError
from qdash_core.models.chip import ParameterModel
from qdash_core.tasks.inputs import Inputs, LatestValues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.flows.stages import Stage
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.runtime import Runtime
    from qdash_core.tasks.base import BaseTask


def require_inputs(
    runtime: Runtime, project_id: str, chip: Chip, stages: Sequence[Stage], catalogue: Catalogue
) -> None:
    """Refuse a run in which no target of a stage has what its tasks need, before anything is written.

    Earlier stages are taken to make what they can. Where only some targets lack an input, the run goes ahead and each of
    them says so itself.

    Raises
    ------
    MissingInputError
        Naming the input, the target and the task that makes it.
    """
    values = _WithMade(LatestValues(runtime.store, project_id, chip.header.chip_id))
    controls = {coupling: controlling(model) for coupling, model in chip.couplings.items()}
    inputs = Inputs(values, catalogue.makers(), controls)
    for stage in stages:
        _require_of(stage, values, inputs)
        for target in stage.targets:
            values.note(target, stage.tasks)


def _require_of(stage: Stage, values: _WithMade, inputs: Inputs) -> None:
    first: str | None = None
    for target in stage.targets:
        message = _missing(stage.tasks, target, values, inputs)
        if message is None:
            return
        first = first or message
    if first is not None:
        rest = len(stage.targets) - 1
        others = f" (and {rest} other {'target' if rest == 1 else 'targets'} likewise)" if rest else ""
        raise MissingInputError(f"{first}{others}")


class _WithMade:
    """The accepted values, and stand-ins for those that earlier tasks of the run will make."""

    def __init__(self, values: LatestValues) -> None:
        self._values = values
        self._made: dict[str, dict[str, ParameterModel]] = {}

    def note(self, target: str, tasks: Sequence[type[BaseTask]]) -> None:
        """Count on what these tasks make of a target."""
        made = self._made.setdefault(target, {})
        made.update({name: ParameterModel(value=0.0) for task in tasks for name in task.output_parameters})

    def of(self, target: str) -> Mapping[str, ParameterModel]:
        return {**self._made.get(target, {}), **self._values.of(target)}


def _missing(tasks: Sequence[type[BaseTask]], target: str, values: _WithMade, inputs: Inputs) -> str | None:
    for task in tasks:
        try:
            inputs.resolve(task, target)
        except MissingInputError as error:
            return str(error)
        values.note(target, [task])
    return None
