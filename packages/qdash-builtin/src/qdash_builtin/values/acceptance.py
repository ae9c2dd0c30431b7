"""Preview of the acceptance of a result: the values that would change, and those that would stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.values.decisions import find_accepted_values, refuse_other_direction
from qdash_builtin.values.flagged_results import has_later_value
from qdash_builtin.values.newest_values import NewestValues
from qdash_core.errors import ConflictError
from qdash_core.values.accepted_values import is_same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class AcceptancePreview:
    """Effect of the acceptance of parameters of a result, as `ValueService.accept` would have it now.

    Parameters
    ----------
    values : mapping of str to ParameterModel
        New value in use of each parameter whose value would change.
    kept : sequence of str
        Parameters whose value in use was measured later and stays.
    refusal : str
        Reason why the acceptance would be refused, or empty.
    """

    values: Mapping[str, ParameterModel] = field(default_factory=dict)
    kept: Sequence[str] = ()
    refusal: str = ""


def preview_acceptance(
    repositories: Repositories,
    header: ChipModel,
    result: TaskResultModel,
    target: QubitModel | CouplingModel,
    names: Collection[str],
) -> AcceptancePreview:
    """Return the effect of the acceptance of parameters of a result on its target."""
    try:
        refuse_other_direction(result, target, names)
    except ConflictError as error:
        return AcceptancePreview(refusal=str(error))
    usable = NewestValues(repositories, header, assumed={result.task_id: names})
    found = find_accepted_values(usable, result, target, names)
    values = {
        name: value
        for name, value in found.items()
        if value is not None and not is_same(target.data.get(name), value)
    }
    return AcceptancePreview(values, [name for name in names if has_later_value(target, result, name)])
