"""Values in use of a chip, and newer flagged ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.values import MetricFailure, StoredChipValues
from qdash_core.models.chip_values import ChipValues, KnownValue
from qdash_core.models.task import Verdict, awaits_decision

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from qdash_builtin.metrics.selection import SelectedTargets
    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel, StoredValue, StoredValues
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.specification import Specification
    from qdash_core.repositories.repositories import Repositories


def collect_values(
    qubits: Iterable[QubitModel], couplings: Iterable[CouplingModel], selected_targets: SelectedTargets
) -> ChipValues:
    """Return the latest accepted values of the selected targets that have any."""
    return ChipValues(
        _collect_values(qubits, selected_targets.qubits),
        _collect_values(couplings, selected_targets.couplings),
    )


def collect_stored_values(
    selected_targets: SelectedTargets,
    qubits: Sequence[StoredValues],
    couplings: Sequence[StoredValues],
    judgement: Judgement,
    asked: Specification,
) -> StoredChipValues:
    """Return the stored values of the selected targets, with their judgement."""
    return StoredChipValues(
        _collect_stored_values(qubits, selected_targets.qubits),
        _collect_stored_values(couplings, selected_targets.couplings),
        judgement,
        asked,
    )


def collect_failures(
    targets: Iterable[QubitModel | CouplingModel], selected_targets: SelectedTargets
) -> dict[str, dict[str, MetricFailure]]:
    """Return the newest measurement of each metric of the selected targets, where it failed, by target and metric."""
    wanted_ids = {*selected_targets.qubits, *selected_targets.couplings}
    return {
        target.qid: {
            name: MetricFailure(one.task, one.task_id, one.execution_id, one.ended_at)
            for name, one in sorted(target.failures.items())
        }
        for target in targets
        if target.qid in wanted_ids and target.failures
    }


def add_flagged_values(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    values: ChipValues,
    selected_targets: SelectedTargets,
) -> ChipValues:
    """Return the values, with those replaced that have a newer flagged one."""
    from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

    held = [
        latest.flagged_task_id
        for latest in repositories.of(LatestResultRepository).list_by_chip(project_id, chip_id)
    ]
    groups = []
    results = repositories.of(TaskResultHistoryRepository).list_values(
        project_id, [task_id for task_id in held if task_id is not None]
    )
    for targets, (_, known) in zip(
        (selected_targets.qubits, selected_targets.couplings), values.iter_kinds(), strict=True
    ):
        found = {target: dict(known.get(target, {})) for target in targets}
        for result in results:
            for name, parameter in result.output_parameters.items() if result.qid in found else ():
                accepted = found[result.qid].get(name)
                if not awaits_decision(result, name):
                    continue
                if accepted is None or _is_newer(parameter, accepted.parameter):
                    found[result.qid][name] = KnownValue(parameter, Verdict.FLAGGED, tuple(result.reasons))
        groups.append({target: had for target, had in found.items() if had})
    return ChipValues(*groups)


def _collect_values(
    targets: Iterable[QubitModel] | Iterable[CouplingModel], selected_targets: Collection[str]
) -> dict[str, dict[str, KnownValue]]:
    wanted_ids = frozenset(selected_targets)
    return {
        target.qid: {name: KnownValue(parameter) for name, parameter in target.data.items()}
        for target in targets
        if target.qid in wanted_ids and target.data
    }


def _collect_stored_values(
    targets: Iterable[StoredValues], selected_targets: Collection[str]
) -> dict[str, dict[str, StoredValue]]:
    wanted_ids = frozenset(selected_targets)
    return {one["qid"]: one["data"] for one in targets if one["qid"] in wanted_ids and one["data"]}


def _is_newer(parameter: ParameterModel, than: ParameterModel) -> bool:
    if parameter.calibrated_at is None or than.calibrated_at is None:
        return than.calibrated_at is None
    return parameter.calibrated_at > than.calibrated_at
