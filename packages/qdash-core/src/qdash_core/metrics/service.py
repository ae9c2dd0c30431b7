"""What state a chip is in: its accepted values, and on request those that were held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.task import Verdict
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ParameterModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of a target, and what validation made of it. Only accepted values are used."""

    parameter: ParameterModel
    verdict: Verdict = Verdict.ACCEPTED
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChipValues:
    """The values of a chip by target and name."""

    qubits: Mapping[str, Mapping[str, KnownValue]]
    couplings: Mapping[str, Mapping[str, KnownValue]]


class MetricsService:
    """Values of the chips of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def values(self, project_id: str, chip_id: str, *, flagged: bool = False) -> ChipValues:
        """Return the latest accepted value of every parameter of every target that has any.

        Parameters
        ----------
        project_id, chip_id : str
            The chip.
        flagged : bool
            Whether a newer value that was flagged takes the place of the accepted one.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(project_id, chip_id)
            qubits: dict[str, dict[str, KnownValue]] = {
                qubit.qid: _accepted(qubit.data) for qubit in repositories.qubits.of_chip(project_id, chip_id)
            }
            couplings: dict[str, dict[str, KnownValue]] = {
                coupling.qid: _accepted(coupling.data)
                for coupling in repositories.couplings.of_chip(project_id, chip_id)
            }
            if flagged:
                _add_held(repositories, project_id, chip_id, qubits, couplings)
        return ChipValues(
            {qid: values for qid, values in qubits.items() if values},
            {qid: values for qid, values in couplings.items() if values},
        )


def _add_held(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    *targets: dict[str, dict[str, KnownValue]],
) -> None:
    for latest in repositories.latest_results.of_chip(project_id, chip_id):
        if latest.flagged_task_id is None:
            continue
        result = repositories.results.find(project_id, latest.flagged_task_id)
        values = next((group[latest.qid] for group in targets if latest.qid in group), None)
        if result is None or values is None:
            continue
        for name, parameter in result.output_parameters.items():
            accepted = values.get(name)
            if accepted is None or _is_newer(parameter, accepted.parameter):
                values[name] = KnownValue(parameter, Verdict.FLAGGED, tuple(result.reasons))


def _accepted(data: Mapping[str, ParameterModel]) -> dict[str, KnownValue]:
    return {name: KnownValue(parameter) for name, parameter in data.items()}


def _is_newer(parameter: ParameterModel, than: ParameterModel) -> bool:
    if parameter.calibrated_at is None or than.calibrated_at is None:
        return than.calibrated_at is None
    return parameter.calibrated_at > than.calibrated_at
