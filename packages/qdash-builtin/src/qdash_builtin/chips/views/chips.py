"""View models of chips, their qubits and couplings, their deletion and their maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasPath, Field

from qdash_core.chips.design import get_quantities
from qdash_core.documents.base import CitedPart, Column, Document, ExplicitDocument
from qdash_core.documents.note_texts import WrittenNote
from qdash_core.models.base import ShownMoment, UtcDatetime
from qdash_core.models.chip import MeasuredAttempt, StatusReason, TargetStatus, WiringModel
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.metrics.stored_chip import StoredChip
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.chip_judgement import Judgement, TargetJudgement


class ChipHeader(Document):
    """A chip without its qubits and couplings."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (CitedPart("chip", "{chip_id}"),)
    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("chip", "chip_id"),
        Column("qubits", "size"),
        Column("topology", "topology_id"),
        Column("backend", "backend"),
        Column("installed", "installed_at"),
    )

    project_id: str
    username: str
    chip_id: str
    size: int
    topology_id: str
    backend: str
    current_cooldown_id: str | None = None
    installed_at: UtcDatetime


class DesignValue(Document):
    """A design value."""

    value: float
    unit: str


def make_design_values(target: str, design: Mapping[str, float | None]) -> dict[str, DesignValue]:
    """Return the design values of a target as view models, without those recorded as absent."""
    if not design:
        return {}
    quantities = get_quantities(target)
    return {
        name: DesignValue(value=value, unit=quantities[name].unit if name in quantities else "")
        for name, value in design.items()
        if value is not None
    }


def _list_flagged(disputes: Mapping[str, MeasuredAttempt]) -> list[MeasuredAttempt] | None:
    """Return the flagged results behind the disputed parameters of a target, each once; None if there are none."""
    return [*{one.task_id: one for one in disputes.values()}.values()] or None


def get_stored_status(state: StoredState) -> dict[str, Any]:
    """Return the fields of the view models about the status of a stored target."""
    return {
        "status": state["status"],
        "status_at": state.get("status_at"),
        "status_reason": state.get("status_reason"),
    }


def make_fitness(judgement: TargetJudgement | None) -> dict[str, Any]:
    """Return the fields of the view models about the fitness of a target; none if it was not judged."""
    if judgement is None:
        return {}
    return {"fitness": judgement.fitness, "fitness_reasons": list(judgement.reasons) or None}


class QubitState(ExplicitDocument):
    """A qubit of a chip."""

    status: TargetStatus
    """Follows from its fitness: a fit or degraded one is calibrated, an unfit one failed."""
    mux: int | None
    """None if unknown."""
    status_at: ShownMoment | None = None
    """Time when a measurement or a user set the status; absent if unknown, or if it follows from values or from qubits."""
    status_reason: StatusReason | None = None
    """Reason for the status, with the result behind it, whose ids are empty if there is none; absent if a user set it."""
    fitness: Fitness | None = None
    """Answer to the question whether it may be used; absent if it was not judged."""
    fitness_reasons: list[str] | None = None
    """Reasons if it is unfit or degraded; absent otherwise."""
    flagged: list[MeasuredAttempt] | None = None
    """Flagged results that await a decision; absent if there are none."""
    design: dict[str, DesignValue] | None = None
    """The design values stored with the chip."""

    @classmethod
    def from_stored(cls, state: StoredState, judgement: TargetJudgement | None = None) -> Self:
        """Return the view model of a stored qubit."""
        design = make_design_values(state["qid"], state.get("design", {}))
        return cls._create_unchecked(
            **get_stored_status(state),
            **make_fitness(judgement),
            flagged=_list_flagged(state.get("disputes", {})),
            mux=state.get("mux"),
            design=design or None,
        )


class CouplingState(ExplicitDocument):
    """A coupling of a chip."""

    status: TargetStatus
    """Follows from its fitness: a fit or degraded one is calibrated, an unfit one failed."""
    control: str | None
    """None if no direction has been chosen."""
    status_at: ShownMoment | None = None
    """Time when a measurement or a user set the status; absent if unknown, or if it follows from values or from qubits."""
    status_reason: StatusReason | None = None
    """Reason for the status, with the result behind it, whose ids are empty if there is none; absent if a user set it."""
    fitness: Fitness | None = None
    """Answer to the question whether it may be used; absent if it was not judged."""
    fitness_reasons: list[str] | None = None
    """Reasons if it is unfit or degraded; absent otherwise."""
    flagged: list[MeasuredAttempt] | None = None
    """Flagged results that await a decision; absent if there are none."""
    design: dict[str, DesignValue] | None = None
    """The design values stored with the chip."""

    @classmethod
    def from_stored(cls, state: StoredState, judgement: TargetJudgement | None = None) -> Self:
        """Return the view model of a stored coupling."""
        design = make_design_values(state["qid"], state.get("design", {}))
        return cls._create_unchecked(
            **get_stored_status(state),
            **make_fitness(judgement),
            flagged=_list_flagged(state.get("disputes", {})),
            control=state.get("control"),
            design=design or None,
        )


class ChipDocument(ChipHeader):
    """A chip with its qubits and couplings."""

    wiring: WiringModel | None = None
    n_couplings: int
    n_trusted: dict[Trust, int] | None = None
    """Number of values by trust, without those of excluded and dead targets; absent if there are none."""
    n_marked: dict[Mark, int] | None = None
    """Number of values in use with each mark; absent if there are none."""
    qubits: dict[str, QubitState]
    couplings: dict[str, CouplingState]

    @property
    def targets(self) -> dict[str, QubitState | CouplingState]:
        """Its qubits, then its couplings."""
        return {**self.qubits, **self.couplings}

    def list_fitness(self) -> dict[str, Fitness]:
        """Return the fitness of the judged targets."""
        return {qid: one.fitness for qid, one in self.targets.items() if one.fitness is not None}

    @classmethod
    def from_stored(cls, chip: StoredChip) -> Self:
        """Return the view model of a stored chip."""
        judged = chip.judgement.targets
        return cls._create_unchecked(
            **{name: value for name, value in chip.header if name in cls.model_fields},
            n_couplings=len(chip.couplings),
            **_count_values(chip.judgement),
            qubits={one["qid"]: QubitState.from_stored(one, judged.get(one["qid"])) for one in chip.qubits},
            couplings={
                one["qid"]: CouplingState.from_stored(one, judged.get(one["qid"])) for one in chip.couplings
            },
        )


def _count_values(judgement: Judgement) -> dict[str, Any]:
    """Return the fields about the values of a chip."""
    return {"n_trusted": judgement.count_trust() or None, "n_marked": judgement.count_marks() or None}


class ChipDesignDocument(Document):
    """The design values of a chip that its tasks use."""

    chip_id: str
    qubits: dict[str, dict[str, DesignValue]]
    couplings: dict[str, dict[str, DesignValue]]

    @classmethod
    def from_design(cls, chip_id: str, design: Mapping[str, Mapping[str, float]]) -> Self:
        """Return the view model of the design values by target."""
        found = {target: make_design_values(target, values) for target, values in design.items()}
        return cls(
            chip_id=chip_id,
            qubits={target: values for target, values in found.items() if "-" not in target},
            couplings={target: values for target, values in found.items() if "-" in target},
        )

    def select(self, target: str) -> Self:
        """Return the view model with the design values of one target."""
        own = {target}
        return self.model_copy(
            update={
                "qubits": {one: self.qubits[one] for one in own & self.qubits.keys()},
                "couplings": {one: self.couplings[one] for one in own & self.couplings.keys()},
            }
        )


class DeletionDocument(Document):
    """The data that the deletion of a chip removes and keeps."""

    chip_id: str
    removed: dict[str, int]
    kept: dict[str, int]
    cooldown_ids: list[str]
    calibrated: int
    loses_something: bool
    """True if values or history are lost, so that the deletion has to be forced."""
    deleted: bool | None = None
    """Absent in a preview."""


class TargetStatusDocument(Document):
    """The status that a user gave to a qubit or coupling, with the reason."""

    chip_id: str
    target_id: str = Field(validation_alias=AliasPath("qid"))
    status: TargetStatus
    note: WrittenNote = None


class TargetStatusesDocument(Document):
    """The statuses that a user gave to qubits and couplings of a chip at once."""

    targets: list[TargetStatusDocument]

    @classmethod
    def from_targets(cls, changed: Iterable[QubitModel | CouplingModel]) -> Self:
        """Return the view model of changed targets."""
        return cls(targets=[TargetStatusDocument.from_record(one) for one in changed])


class ChipPictureDocument(Document):
    """A metric drawn on the map of a chip."""

    chip_id: str
    metric: str
    targets: list[str]
    """The targets that have a value."""
    file: str
