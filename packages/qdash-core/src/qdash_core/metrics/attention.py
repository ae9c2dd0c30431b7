"""Summary of the failed targets, flagged results and marked values of a chip."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.metrics.marks import count_marks
from qdash_core.models.chip import TargetStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.metrics.definitions import Metric
    from qdash_core.models.chip import StoredState, StoredValues
    from qdash_core.models.marks import Mark, Marks


@dataclass(frozen=True, slots=True)
class Attention:
    """Failed targets, flagged results and values that need attention, of the qubits or of the couplings of a chip.

    Values and flagged results of excluded and dead targets are not counted.

    Parameters
    ----------
    statuses : mapping of TargetStatus to int
        Number of targets by status, without zeros.
    failed : sequence of StoredState
        Failed and dead targets, by number.
    flagged : int
        Number of flagged results that await a decision.
    marks : mapping of Mark to int
        Number of values with each mark, without zeros.
    out_of_specification : mapping of str to int
        Number of values out of specification by metric, without zeros.
    """

    statuses: Mapping[TargetStatus, int]
    failed: Sequence[StoredState]
    flagged: int
    marks: Mapping[Mark, int]
    out_of_specification: Mapping[str, int]


def summarise_attention(
    states: Sequence[StoredState],
    stored: Sequence[StoredValues],
    marks: Marks,
    metrics: Mapping[str, Metric],
    *,
    flagged: int,
) -> Attention:
    """Return the targets, results and values of one kind that need attention.

    Parameters
    ----------
    states : sequence of StoredState
        Known states of the qubits, or of the couplings, of a chip.
    stored : sequence of StoredValues
        Their values in use.
    marks : Marks
        Marks of these values.
    metrics : mapping of str to Metric
        Definitions of the metrics of this kind of target.
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
        failed=[one for one in states if one["status"] in (TargetStatus.FAILED, TargetStatus.DEAD)],
        flagged=flagged,
        marks=count_marks({qid: some for qid, some in marks.items() if qid not in set_aside}),
        out_of_specification=outside,
    )
