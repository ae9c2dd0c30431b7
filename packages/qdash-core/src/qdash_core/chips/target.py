"""One qubit or coupling of a chip with all that is known of it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.task import LatestResultModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class TargetView:
    """A qubit or coupling.

    Parameters
    ----------
    state : QubitModel or CouplingModel
        Status, place or direction, design values, note, and the values in use.
    results : sequence of LatestResultModel
        The newest finished result of each task on it, by name of the task.
    seq : int
        Number of the newest event of the project: what is shown here does not change without another one or another
        `state.changed_at`. 0: there is none.
    """

    state: QubitModel | CouplingModel
    results: Sequence[LatestResultModel]
    seq: int


def view_of(repositories: Repositories, project_id: str, chip_id: str, target: str) -> TargetView:
    """Return a qubit or coupling as a snapshot sees it; NotFoundError when there is no such chip or target."""
    repositories.chips.require(project_id, chip_id)
    is_coupling = "-" in target
    kept = repositories.couplings if is_coupling else repositories.qubits
    state = kept.find(project_id, chip_id, target)
    if state is None:
        kind = "coupling" if is_coupling else "qubit"
        raise NotFoundError(
            f"chip {chip_id} has no {kind} {target}; `qdash chip show {chip_id}` has what there is"
        )
    results = repositories.latest_results.of_target(project_id, chip_id, target)
    return TargetView(state, results, repositories.events.last_seq(project_id))
