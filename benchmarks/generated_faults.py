"""Judgement of explanations on generated nights: `python -m benchmarks.generated_faults --folder FOLDER`.

Faults of a twin of 16 qubits are measured once; nights with several of them, alone and in pairs, at several times, are put together from
their results (`cause_nights`). Each faulty target is explained from the night on which its fault began, and again from the last night if
it failed. To learn how a kind is answered that no rule knows, its cause is taken out of the rule book, with those that are not
distinguishable from it: then the right answer is that the cause is unknown.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cause_nights import (
    NIGHTS,
    GeneratedNights,
    GeneratedReader,
    Library,
    iter_scenarios,
    select_subject,
)
from benchmarks.fault_catalogue import Chip
from qdash_core import open_qdash
from qdash_core.explanations.cases import read_case
from qdash_core.explanations.rule_book import RuleBook
from qdash_core.explanations.surroundings import BAD
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from benchmarks.cause_nights import Begun, Fault
    from qdash_core.application import QDash
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.causes import Cause

CHIPS = {
    name: Chip("square-lattice-mux-16", seed, tuple(map(str, range(16))))
    for name, seed in (("writing", 4), ("judging", 304))
}
UNKNOWN = "unknown"
_BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers to why a target with a fault is as it is, most probable first, with their probabilities.

    An answer is the id of a cause, with those that it names as not distinguishable from it, or `UNKNOWN`.
    """

    fault: Fault
    target: str
    failed: bool
    alone: bool
    answers: tuple[tuple[tuple[str, ...], float], ...]

    @property
    def first(self) -> str:
        """The first answer."""
        return self.answers[0][0][0]

    @property
    def is_named(self) -> bool:
        """True if the first cause itself is that of the fault."""
        return any(self.first in some for some in self.fault.accepted)

    def is_right(self, *, within: int = 1) -> bool:
        """Return whether a cause of the fault is among the first answers."""
        named = {name for names, _ in self.answers[:within] for name in names}
        return any(named & some for some in self.fault.accepted)

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
            for number in sorted({one.night, NIGHTS - 1}):
                night = nights.executions[number][target]
                subject = select_subject(night)
                if number > one.night and subject.outcome not in BAD:
                    continue
                others = [seen.result for seen in night if seen.result is not subject]
                answers = self._explain(reader, subject, others)
                yield Answer(one.fault, target, subject.outcome in BAD, len(begun) == 1, answers)

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
                others = [seen.result for seen in night if seen.result is not subject]
                found += self._explain(reader, subject, others)[0][0] != (UNKNOWN,)
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


def print_figures(answers: Sequence[Answer], unknown: Sequence[Answer], *, details: bool) -> None:
    """Print the shares of right answers and the calibration of the probabilities."""
    for name, some in (
        ("failed or flagged, one cause", [a for a in answers if a.failed and len(a.fault.accepted) == 1]),
        ("failed or flagged, pairs", [a for a in answers if a.failed and len(a.fault.accepted) > 1]),
        ("all", answers),
    ):
        n = max(len(some), 1)
        first, two = sum(a.is_right() for a in some), sum(a.is_right(within=2) for a in some)
        both = sum(a.has_both() for a in some)
        print(
            f"{name}: {len(some)}, first {first / n:.1%}, one of the first two {two / n:.1%}, all in the first two {both / n:.1%}"
        )
    right = sum(a.first == UNKNOWN for a in unknown)
    print(f"kinds that no rule knows: {len(unknown)}, unknown {right / max(len(unknown), 1):.1%}")
    print("said | answers | right")
    for low, high in pairwise(_BINS):
        said = [(a.answers[0][1], a.is_named) for a in answers if a.failed and a.first != UNKNOWN] + [
            (a.answers[0][1], False) for a in unknown if a.first != UNKNOWN
        ]
        inside = [was for share, was in said if low <= share < high or share == high == 1.0]
        if inside:
            print(f"{low:.0%}-{high:.0%} | {len(inside)} | {sum(inside) / len(inside):.0%}")
    if details:
        for a in answers:
            if not a.is_right():
                print(
                    "WRONG",
                    "failed" if a.failed else "accepted",
                    a.fault.name,
                    "|",
                    *[f"{n[0]} {p:.2f}" for n, p in a.answers[:3]],
                )
        for a in unknown:
            if a.first != UNKNOWN:
                print("KNOWN", a.fault.name, "|", *[f"{n[0]} {p:.2f}" for n, p in a.answers[:3]])


def main() -> None:
    """Judge the explanations of generated nights, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--set", choices=sorted(CHIPS), default="writing", dest="chosen")
    parser.add_argument("--nights", type=int, default=200, help="nights that are put together")
    parser.add_argument("--details", action="store_true", help="print every wrong answer")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    chip = CHIPS[given.chosen]
    library = Library(given.folder, chip, seed=chip.seed)
    healthy, faults = library.read()
    with open_qdash(load_settings(home=library.home)) as qdash:
        judge = Judge(qdash, healthy)
        answers = [
            answer
            for begun in iter_scenarios(faults, given.nights, seed=chip.seed)
            for answer in judge.ask(begun)
        ]
        alone = [begun for (begun,) in iter_scenarios(faults, len(faults), seed=1, most=1)]
        unknown = [answer for one in alone if (answer := judge.ask_without(one)) is not None]
        explained, wrong = judge.count_alarms()
    print_figures(answers, unknown, details=given.details)
    print(f"healthy targets: {explained}, with a cause {wrong}")


if __name__ == "__main__":
    main()
