"""View models of the annotations of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_builtin.metrics.annotation_kinds import AnnotationKind
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.metrics.annotations import Annotation, ChipAnnotations


class AnnotationDocument(Document):
    """Something that happened to a chip at a time."""

    kind: AnnotationKind
    at: UtcDatetime
    """Time; of a note on a time range, its start."""
    until: UtcDatetime | None = None
    """End of the time range of a note; absent for others."""
    text: str
    """Text of a note, or what happened."""
    reason: OmitEmpty[str] = None
    """Reason of the user, or the description of a cool-down."""
    username: OmitEmpty[str] = None
    """Absent for a cool-down."""
    targets: list[str]
    """Qubits and couplings; empty for the whole chip."""
    metrics: list[str]
    """Empty if it is about all metrics."""
    record_kind: str
    """Kind of the record: `cooldown`, `note`, `value-change`, `design`, or `target` for a note on a time range."""
    record_id: str

    @classmethod
    def from_annotation(cls, one: Annotation) -> Self:
        """Return the view model of an annotation."""
        kind, record_id = one.record
        return cls.from_record(one, record_kind=kind, record_id=record_id)


class ChipAnnotationsDocument(Document):
    """Annotations of a chip for plots over time, oldest first."""

    chip_id: str
    items: list[AnnotationDocument]
    complete_since: UtcDatetime | None = None
    """Time before which some are left out because there are too many; absent if all are there."""

    @classmethod
    def from_annotations(cls, found: ChipAnnotations) -> Self:
        """Return the view model of the annotations of a chip."""
        items = [AnnotationDocument.from_annotation(one) for one in found.items]
        return cls.from_record(found, items=items)
