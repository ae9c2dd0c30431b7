"""Summary of the failed targets, flagged results and marked values of a chip."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.metrics.stored_chip import show_state
from qdash_builtin.record_lookup.stored_states import list_targets, make_stored_state
from qdash_builtin.values.flagged_results import list_waiting
from qdash_core.models.chip import TargetStatus
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_core.models.chip import StoredValues
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.judgement import Fitness, Trust
    from qdash_core.models.marks import Mark
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class Attention:
    """Failed targets, flagged results and values that need attention, of the qubits or of the couplings of a chip.

    Values and flagged results of excluded and dead targets are not counted. Mappings have no zeros.

    Parameters
    ----------
    failed : sequence of StoredState
        Failed and dead targets, by number.
    flagged : int
        Number of flagged results that await a decision.
    marks : mapping of Mark to int
        Number of values with each mark.
    out_of_specification : mapping of str to int
        Number of values out of specification by metric.
    """

    statuses: Mapping[TargetStatus, int]
    fitness: Mapping[Fitness, int]
    trust: Mapping[Trust, int]
    failed: Sequence[StoredState]
    flagged: int
    marks: Mapping[Mark, int]
    out_of_specification: Mapping[str, int]


def read_attention(
    repositories: Repositories, project_id: str, chip_id: str, reader: JudgementReader, file: MetricsFile
) -> dict[TargetKind, Attention]:
    """Return the qubits and the couplings of a chip that need attention, from one snapshot.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    """
    where = project_id, chip_id
    header = repositories.of(ChipRepository).require(*where)
    waiting, file = list_waiting(repositories, header), file.specify(header.specification)
    kinds: dict[TargetKind, QubitCalibrationRepository | CouplingCalibrationRepository] = {
        "qubit": repositories.of(QubitCalibrationRepository),
        "coupling": repositories.of(CouplingCalibrationRepository),
    }
    stored = {kind: list_targets(targets, *where) for kind, targets in kinds.items()}
    judgement = reader.read_of(repositories, *where, [*stored["qubit"], *stored["coupling"]], header=header)
    return {
        kind: summarise_attention(
            [show_state(judgement, make_stored_state(one)) for one in stored[kind]],
            stored[kind],
            judgement.select([one["qid"] for one in stored[kind]]),
            file.get_metrics(kind),
            flagged=sum(("-" in one.values.qid) == (kind == "coupling") for one in waiting),
        )
        for kind in kinds
    }


def summarise_attention(
    states: Sequence[StoredState],
    stored: Sequence[StoredValues],
    judgement: Judgement,
    metrics: Mapping[str, Metric],
    *,
    flagged: int,
) -> Attention:
    """Return the targets, results and values of one kind that need attention.

    Parameters
    ----------
    states : sequence of StoredState
        Known states of the qubits, or of the couplings, of a chip, with the statuses that follow from their judgement.
    flagged : int
        Number of flagged results that await a decision.
    """
    set_aside = {one["qid"] for one in states if one["status"].set_aside}
    outside = Counter(
        name
        for one in stored
        if one["qid"] not in set_aside
        for name, value in one["data"].items()
        if name in metrics and not metrics[name].is_within(float(value["value"]))
    )
    return Attention(
        statuses=Counter(one["status"] for one in states),
        fitness=judgement.count_fitness(),
        trust=judgement.count_trust(),
        failed=[one for one in states if one["status"] in (TargetStatus.FAILED, TargetStatus.DEAD)],
        flagged=flagged,
        marks=judgement.count_marks(),
        out_of_specification=outside,
    )
