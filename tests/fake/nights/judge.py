"""Explanations of the targets of generated nights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.explanations.cases import read_case
from qdash_builtin.explanations.rule_book import RuleBook
from qdash_builtin.explanations.surroundings import BAD, MEASURED
from qdash_core.models.task import select_last_attempts

from .cause_nights import GeneratedNights, GeneratedReader, select_subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qdash_builtin.explanations.causes import Cause
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

    from .cause_nights import Begun, Fault, Measured

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers to why a target with a fault is as it is, most probable first, with their probabilities.

    `tasks` is the number of tasks that were measured on it. An answer is the id of a cause, with those that it names as not distinguishable from it, or `UNKNOWN`.
    """

    fault: Fault
    target: str
    failed: bool
    alone: bool
    tasks: int
    answers: tuple[tuple[tuple[str, ...], float], ...]

    @property
    def first(self) -> str:
        """The first answer."""
        return self.answers[0][0][0]

    @property
    def is_named(self) -> bool:
        """True if the first cause itself is that of the fault."""
        return any(self.first in some for some in self.fault.accepted)

    def is_right(self) -> bool:
        """Return whether the first answer is a cause of the fault, or one that it names as not distinguishable."""
        return any({*self.answers[0][0]} & some for some in self.fault.accepted)

    def has_both(self) -> bool:
        """Return whether every cause of the fault is among the first two answers."""
        named = {name for names, _ in self.answers[:2] for name in names}
        return all(named & some for some in self.fault.accepted)


class _SmallerRuleBook(RuleBook):
    """Rule book without some causes."""

    def __init__(self, whole: RuleBook, without: Collection[str]) -> None:
        super().__init__(whole._registry)
        self._whole, self._without = whole, without

    @property
    def causes(self) -> dict[str, Cause]:
        return {name: one for name, one in self._whole.causes.items() if name not in self._without}


class Judge:
    """Explanations of generated nights.

    Parameters
    ----------
    qdash
        Of the home with the chip.
    healthy
        The healthy night.
    rules
        Causes and evidence, or None for those of the installed tasks.
    """

    def __init__(self, qdash: QDash, healthy: Fault, rules: RuleBook | None = None) -> None:
        self._qdash, self._healthy = qdash, healthy
        self._rules = rules or RuleBook(qdash.registry)

    def ask(self, begun: Sequence[Begun]) -> Iterator[Answer]:
        """Yield the answers for one target of each fault: on its first night, and on the last one if it failed."""
        nights = GeneratedNights(self._healthy, begun)
        reader = GeneratedReader(self._qdash, nights, self._rules)
        for one in begun:
            target = one.fault.qubits[0]
            for number in sorted({one.night, one.until - 1}):
                night = nights.executions[number][target]
                subject = select_subject(night)
                if number > one.night and subject.outcome not in BAD:
                    continue
                others = _list_others(night, subject)
                answers = self._explain(reader, subject, others)
                tasks = sum(seen.outcome in MEASURED for seen in (subject, *others))
                yield Answer(one.fault, target, subject.outcome in BAD, len(begun) == 1, tasks, answers)

    def ask_without(self, begun: Begun) -> Answer | None:
        """Return the answer without the causes of a fault in the rule book, or None if nothing failed or no rule knows it anyway."""
        (known, *_) = self.ask([begun])
        if not known.failed or not known.is_right():
            return None
        without = {name for some in begun.fault.accepted for name in some} | {*known.answers[0][0]}
        without |= {other for name in without for other in self._rules.causes[name].indistinguishable_from}
        return next(Judge(self._qdash, self._healthy, _SmallerRuleBook(self._rules, without)).ask([begun]))

    def count_alarms(self) -> tuple[int, int]:
        """Return the number of healthy targets, and of those with a cause."""
        nights = GeneratedNights(self._healthy, [])
        reader = GeneratedReader(self._qdash, nights, self._rules)
        found = 0
        for night in nights.executions[-1].values():
            subject = select_subject(night)
            if subject.outcome not in BAD:
                found += self._explain(reader, subject, _list_others(night, subject))[0][0] != (UNKNOWN,)
        return len(nights.executions[-1]), found

    def _explain(
        self, reader: GeneratedReader, subject: TaskResultModel, others: Sequence[TaskResultModel]
    ) -> tuple[tuple[tuple[str, ...], float], ...]:
        case = read_case(reader, self._rules, subject, others)
        named = [
            ((one.cause.id, *one.cause.indistinguishable_from, *one.same_evidence), one.probability)
            for one in case.ranking.causes
        ]
        return tuple(sorted([*named, ((UNKNOWN,), case.ranking.no_cause)], key=lambda one: -one[1]))


def _list_others(night: Sequence[Measured], subject: TaskResultModel) -> list[TaskResultModel]:
    """Return the last attempts at the other tasks of a target, as an explanation reads them."""
    last = select_last_attempts([one.result for one in night])
    return [one for one in last if one.name != subject.name]
