"""View models of qubits and couplings, alone and in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasPath, Field

from qdash_builtin.chips.views.chips import DesignValue, get_stored_status, make_design_values, make_fitness
from qdash_builtin.values.views.shown_values import ValueDocument, make_value
from qdash_core.documents.base import CitedPart, Document
from qdash_core.documents.note_texts import NoteText, WrittenNote
from qdash_core.models.base import ShownMoment, UtcDatetime
from qdash_core.models.chip import StatusReason, TargetStatus
from qdash_core.models.judgement import Fitness
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_builtin.chips.targets import TargetView
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_core.models.chip_judgement import TargetJudgement


class LatestResultDocument(Document):
    """The newest finished result of a task on a target."""

    task_id: str
    execution_id: str
    status: TaskStatus
    verdict: Verdict | None = None
    end_at: UtcDatetime
    """End of the measurement, also of a refit."""
    refitted_at: UtcDatetime | None = None
    """Time of a refit; absent for a measurement."""
    refitted_by: str | None = None
    analysis_model: str | None = None
    """Model of a user's analysis, which is dated and signed like a refit."""
    flagged_task_id: str | None = None
    """The last result with flagged values; absent after one was accepted."""


class TargetDocument(Document):
    """The common fields of qubits and couplings."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (CitedPart("value", "{chip_id}/{id}/{0}", "values.*"),)

    chip_id: str
    id: str = Field(validation_alias=AliasPath("qid"))
    status: TargetStatus
    """Follows from its fitness: a fit or degraded one is calibrated, an unfit one failed."""
    status_at: ShownMoment | None = None
    """Time when a measurement or a user set the status; absent if unknown, or if it follows from values or from qubits."""
    status_reason: StatusReason | None = None
    """Reason for the status, with the result behind it, whose ids are empty if there is none; absent if a user set it."""
    fitness: Fitness | None = None
    """Answer to the question whether it may be used; absent if it was not judged."""
    fitness_reasons: list[str] | None = None
    """Reasons if it is unfit or degraded; absent otherwise."""
    design: dict[str, DesignValue] | None = None
    """The design values stored with the chip."""
    note: WrittenNote = None
    """Absent if no note was ever written."""
    values: dict[str, ValueDocument] | None = None
    """The values in use by metric; absent in a list."""
    results: dict[str, LatestResultDocument] | None = None
    """The newest result of each task; absent in a list."""

    @classmethod
    def from_view(cls, view: TargetView) -> Self:
        """Return the view model of a qubit or coupling with its values and newest results."""
        state = view.state
        judged = {} if view.judgement is None else view.judgement.values
        return cls.from_record(
            state,
            values={name: make_value(value, judged.get(name)) for name, value in state.data.items()},
            **make_fitness(view.judgement),
            results={latest.name: latest for latest in view.results},
            design=make_design_values(state.qid, state.design) or None,
        )

    @classmethod
    def _select_shared_fields(
        cls, chip_id: str, state: StoredState, judgement: TargetJudgement | None
    ) -> dict[str, Any]:
        note = state.get("note")
        return {
            "chip_id": chip_id,
            "id": state["qid"],
            **get_stored_status(state),
            **make_fitness(judgement),
            "design": make_design_values(state["qid"], state.get("design", {})) or None,
            "note": None if note is None else NoteText.from_note(note),
        }


class QubitDocument(TargetDocument):
    """A qubit of a chip."""

    row: int | None = None
    col: int | None = None
    mux: int | None = None
    """Absent if unknown, like row and column."""

    @classmethod
    def from_stored(cls, chip_id: str, state: StoredState, judgement: TargetJudgement | None = None) -> Self:
        """Return the view model of a qubit in a list."""
        place = {name: state.get(name) for name in ("row", "col", "mux")}
        return cls._create_unchecked(**place, **cls._select_shared_fields(chip_id, state, judgement))


class CouplingDocument(TargetDocument):
    """A coupling of a chip."""

    control: str | None = None
    """The control qubit; absent if no direction has been chosen."""

    @classmethod
    def from_stored(cls, chip_id: str, state: StoredState, judgement: TargetJudgement | None = None) -> Self:
        """Return the view model of a coupling in a list."""
        return cls._create_unchecked(
            control=state.get("control"), **cls._select_shared_fields(chip_id, state, judgement)
        )
