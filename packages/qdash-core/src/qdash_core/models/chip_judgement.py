"""Judgement of a chip: trust of its values and fitness of its targets, with the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import count_marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.models.marks import Mark, Marks, ValueMark


@dataclass(frozen=True, slots=True)
class ValueJudgement:
    """Trust of a value, with the reasons.

    Parameters
    ----------
    trust : Trust
        The trust.
    marks : tuple of ValueMark
        Evidence on it, in the order of `Mark`. Not all of it lowers the trust.
    flagged : float or None
        Newer flagged value that disagrees with it and awaits a decision, in its unit, or None if there is none.
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

    Parameters
    ----------
    fitness : Fitness
        The fitness.
    reasons : tuple of str
        Reasons if it is unfit or degraded.
    values : mapping of str to ValueJudgement
        Trust by parameter: of values in use, and of values that are absent after a measurement. By-products are not judged.
    missed : mapping of str to float or None
        Parameters whose values are reasons if it is unfit, each with the limit that it misses, or None without one.
    """

    fitness: Fitness
    reasons: tuple[str, ...] = ()
    values: Mapping[str, ValueJudgement] = field(default_factory=dict)
    missed: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def marks(self) -> dict[str, list[ValueMark]]:
        """Marks of the values in use that have any, by parameter."""
        return {name: list(one.marks) for name, one in self.values.items() if one.marks and one.trust.in_use}


@dataclass(frozen=True)
class Judgement:
    """Judgement of the targets of a chip at one moment.

    Parameters
    ----------
    targets : mapping of str to TargetJudgement
        The judged targets, by id.
    """

    targets: Mapping[str, TargetJudgement] = field(default_factory=dict)

    @cached_property
    def marks(self) -> Marks:
        """Marks of the values in use that have any, by target and parameter."""
        return {qid: marks for qid, one in self.targets.items() if (marks := one.marks)}

    def get_values(self, qid: str) -> Mapping[str, ValueJudgement]:
        """Return the trust of the values of a target; empty if it was not judged."""
        return self.targets[qid].values if qid in self.targets else {}

    def select(self, qids: Sequence[str]) -> Judgement:
        """Return the judgement of some targets."""
        return Judgement({qid: self.targets[qid] for qid in qids if qid in self.targets})

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
            if target.fitness not in (Fitness.EXCLUDED, Fitness.DEAD):
                for name, value in target.values.items():
                    yield qid, name, value
