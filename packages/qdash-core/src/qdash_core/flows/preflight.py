"""Whether tasks can begin at all: the inputs that neither the chip has nor an earlier task makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.service import controlling
from qdash_core.errors import MissingInputError
from qdash_core.models.chip import ParameterModel
from qdash_core.tasks.definitions import makers_of
from qdash_core.tasks.inputs import LatestValues, resolve_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.application import QDash
    from qdash_core.chips.service import Chip
    from qdash_core.tasks.base import BaseTask


def require_inputs(
    qdash: QDash,
    project_id: str,
    chip: Chip,
    tasks: Sequence[type[BaseTask]],
    targets: Sequence[str],
    *,
    backend: str,
) -> None:
    """Refuse a run in which no target has what its tasks need, before anything is written.

    Where only some targets lack an input, the run goes ahead and each of them says so itself.

    Raises
    ------
    MissingInputError
        Naming the input, the target and the task that makes it.
    """
    values = LatestValues(qdash.store, project_id, chip.header.chip_id)
    makers = makers_of(qdash.registry.tasks(), backend)
    first: str | None = None
    for target in targets:
        message = _missing(chip, tasks, target, values, makers)
        if message is None:
            return
        first = first or message
    if first is not None:
        rest = len(targets) - 1
        others = f" (and {rest} other {'target' if rest == 1 else 'targets'} likewise)" if rest else ""
        raise MissingInputError(f"{first}{others}")


class _WithMade:
    """The accepted values, and stand-ins for those that earlier tasks of the run will make."""

    def __init__(self, values: LatestValues, target: str, made: Mapping[str, ParameterModel]) -> None:
        self._values, self._target, self._made = values, target, made

    def of(self, target: str) -> Mapping[str, ParameterModel]:
        known = self._values.of(target)
        return {**self._made, **known} if target == self._target else known


def _missing(
    chip: Chip,
    tasks: Sequence[type[BaseTask]],
    target: str,
    values: LatestValues,
    makers: Mapping[str, Sequence[str]],
) -> str | None:
    made: dict[str, ParameterModel] = {}
    coupling = chip.couplings.get(target)
    for task in tasks:
        try:
            resolve_inputs(
                task,
                target,
                _WithMade(values, target, made),
                control=None if coupling is None else controlling(coupling),
                makers=makers,
            )
        except MissingInputError as error:
            return str(error)
        made.update({name: ParameterModel(value=0.0) for name in task.output_parameters})
    return None
