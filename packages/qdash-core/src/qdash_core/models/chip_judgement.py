"""Judgement of a chip: trust of its values and fitness of its targets, with the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import count_marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.models.chip import StatusReason
    from qdash_core.models.marks import Mark, Marks, ValueMark
    from qdash_core.models.targets import TargetKind

_STATUSES = {
    Fitness.FIT: TargetStatus.CALIBRATED,
    Fitness.DEGRADED: TargetStatus.CALIBRATED,
    Fitness.UNFIT: TargetStatus.FAILED,
    Fitness.UNKNOWN: TargetStatus.PENDING,
}
T = TypeVar("T", bound=QubitModel | CouplingModel)


@dataclass(frozen=True, slots=True)
class ValueJudgement:
    """Trust of a value, with the reasons.

    `marks` has the evidence on it, in the order of `Mark`; not all of it lowers the trust. `flagged` is the newer
    flagged value that disagrees with it and awaits a decision, in its unit, or None.
    """

    trust: Trust
    marks: tuple[ValueMark, ...] = ()
    flagged: float | None = None

    @property
    def reasons(self) -> list[str]:
        """Text of each mark."""
        return [one.reason for one in self.marks]

    @property
    def doubts(self) -> list[str]:
        """Text of each mark that lowers the trust."""
        return [one.reason for one in self.marks if one.trust is not Trust.TRUSTED]


@dataclass(frozen=True, slots=True)
class TargetJudgement:
    """Fitness of a qubit or coupling, and the trust of its values.

    `values` has the trust of values in use, and of values that are absent after a measurement; by-products are not
    judged. If it is unfit, `cause` is the first reason, with the result behind it, whose ids are empty if there is
    none, and `missed` has the parameters whose values are reasons, each with the limit that it misses, or None
    without one.
    """

    fitness: Fitness
    reasons: tuple[str, ...] = ()
    values: Mapping[str, ValueJudgement] = field(default_factory=dict)
    cause: StatusReason | None = None
    missed: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def marks(self) -> dict[str, list[ValueMark]]:
        """Marks of the values in use that have any, by parameter."""
        return {name: list(one.marks) for name, one in self.values.items() if one.marks and one.trust.in_use}

    @property
    def status(self) -> TargetStatus:
        """Status that the target is shown with: a fit or degraded one is calibrated, an unfit one failed."""
        return _STATUSES.get(self.fitness) or TargetStatus(self.fitness)


@dataclass(frozen=True, slots=True)
class FitnessChange:
    """Change of the fitness of a target; `reasons` tells why it is unfit or degraded afterwards."""

    before: Fitness
    after: Fitness
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        again = " again" if self.before is Fitness.UNFIT and self.after is Fitness.FIT else ""
        return f"{self.after}{again}{f': {self.reasons[0]}' if self.reasons else ''}"


@dataclass(frozen=True)
class Judgement:
    """Judgement of the targets of a chip, by id, at one moment."""

    targets: Mapping[str, TargetJudgement] = field(default_factory=dict)

    @cached_property
    def marks(self) -> Marks:
        """Marks of the values in use that have any, by target and parameter."""
        return {qid: marks for qid, one in self.targets.items() if (marks := one.marks)}

    def get_values(self, qid: str) -> Mapping[str, ValueJudgement]:
        """Return the trust of the values of a target; empty if it was not judged."""
        return self.targets[qid].values if qid in self.targets else {}

    def show(self, target: T) -> T:
        """Return a target with the status that it is shown with, which follows from its fitness; as it is if it was not judged."""
        changes = self.find_shown_status(target.qid, target.status)
        return cast("T", target.model_copy(update=changes)) if changes else target

    def find_shown_status(self, qid: str, stored: TargetStatus) -> dict[str, object]:
        """Return the changed fields if the fitness of a target gives another status than its last measurements."""
        judged = self.targets.get(qid)
        if judged is None or judged.status is stored:
            return {}
        return {"status": judged.status, "status_at": None, "status_reason": judged.cause}

    def select(self, qids: Sequence[str]) -> Judgement:
        """Return the judgement of some targets."""
        return Judgement({qid: self.targets[qid] for qid in qids if qid in self.targets})

    def select_kind(self, kind: TargetKind) -> Judgement:
        """Return the judgement of the qubits, or of the couplings."""
        return self.select([qid for qid in self.targets if ("-" in qid) == (kind == "coupling")])

    @property
    def unfit(self) -> set[str]:
        """The unfit targets."""
        return {qid for qid, one in self.targets.items() if one.fitness is Fitness.UNFIT}

    def count_fitness(self) -> dict[Fitness, int]:
        """Return the number of targets by fitness, without zeros."""
        return dict(Counter(one.fitness for one in self.targets.values()))

    def count_trust(self) -> dict[Trust, int]:
        """Return the number of values by trust, without zeros and without those of excluded and dead targets."""
        return dict(Counter(one.trust for _, _, one in self.iter_considered()))

    def count_marks(self) -> dict[Mark, int]:
        """Return the number of values in use with each mark, without zeros and without those of excluded and dead targets."""
        return count_marks(one.marks for _, _, one in self.iter_considered() if one.trust.in_use)

    def iter_considered(self) -> Iterator[tuple[str, str, ValueJudgement]]:
        """Yield target, parameter and judgement of each value of the targets that users have not set aside."""
        for qid, target in self.targets.items():
            if not target.fitness.set_aside:
                for name, value in target.values.items():
                    yield qid, name, value
