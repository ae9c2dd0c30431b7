"""View models of the failed targets, flagged results and marked values of a chip."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.chip import StatusReason, TargetStatus
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.metrics.attention import Attention
    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_core.models.targets import TargetKind


class FailedTargetDocument(Document):
    """A failed or dead qubit or coupling."""

    id: str
    status: TargetStatus
    status_reason: StatusReason | None = None
    """Reason for the status, with the result behind it, whose ids are empty if there is none; absent if a user set it."""
    note: str | None = None
    """Note on the target, which has the reason of a status that a user set; absent if there is none."""

    @classmethod
    def from_stored(cls, state: StoredState) -> Self:
        """Return the view model of a stored target."""
        note = state.get("note")
        return cls(
            id=state["qid"],
            status=state["status"],
            status_reason=state.get("status_reason"),
            note=None if note is None else note.content or None,
        )


class ViolationDocument(Document):
    """A metric with values out of specification."""

    metric: str
    title: str
    n: int
    """Number of values out of specification."""


class KindAttentionDocument(Document):
    """Qubits, or couplings, that need attention, with their results and values."""

    statuses: dict[TargetStatus, int]
    """Number of targets by status, without zeros."""
    fitness: dict[Fitness, int]
    """Number of targets by fitness, without zeros."""
    trust: dict[Trust, int]
    """Number of values by trust, without zeros and by-products of fits."""
    failed: list[FailedTargetDocument]
    """Failed and dead targets."""
    flagged: int
    """Number of flagged results that await a decision."""
    marks: dict[Mark, int]
    """Number of values in use with each mark, without zeros."""
    out_of_spec: list[ViolationDocument]
    """Metrics with values out of specification, the metric with most of them first."""

    @classmethod
    def from_attention(cls, attention: Attention, metrics: Mapping[str, Metric]) -> Self:
        """Return the view model of one kind of target, given the definitions of its metrics."""
        return cls.from_record(
            attention,
            failed=[FailedTargetDocument.from_stored(one) for one in attention.failed],
            out_of_spec=[
                ViolationDocument(metric=name, title=metrics[name].title, n=number)
                for name, number in Counter(attention.out_of_specification).most_common()
            ],
        )


class AttentionDocument(Document):
    """Failed targets, flagged results and marked values of a chip. Results and values of excluded and dead targets are left out."""

    chip_id: str
    qubits: KindAttentionDocument
    couplings: KindAttentionDocument

    @classmethod
    def from_attention(cls, chip_id: str, found: Mapping[TargetKind, Attention], file: MetricsFile) -> Self:
        """Return the view model of both kinds of target."""
        return cls(
            chip_id=chip_id,
            qubits=KindAttentionDocument.from_attention(found["qubit"], file.qubit_metrics),
            couplings=KindAttentionDocument.from_attention(found["coupling"], file.coupling_metrics),
        )
