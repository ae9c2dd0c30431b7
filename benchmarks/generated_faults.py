"""Judgement of explanations on generated nights: `python -m benchmarks.generated_faults --folder FOLDER`.

Faults of a twin of 16 qubits are measured once; nights with several of them, alone and in pairs, at several times, are put together from
their results (`cause_nights`). Each faulty target is explained from the night on which its fault began, and again from the last night if
it failed. To learn how a kind is answered that no rule knows, its cause is taken out of the rule book, with those that are not
distinguishable from it: then the right answer is that the cause is unknown.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.cause_nights import (
    GeneratedNights,
    GeneratedReader,
    Library,
    iter_scenarios,
    select_subject,
)
from benchmarks.fault_catalogue import Chip
from qdash_builtin.explanations.cases import read_case
from qdash_builtin.explanations.rule_book import RuleBook
from qdash_builtin.explanations.surroundings import BAD, MEASURED
from qdash_core import open_qdash
from qdash_core.models.task import select_last_attempts
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from benchmarks.cause_nights import Begun, Fault, Measured
    from qdash_builtin.explanations.causes import Cause
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

CHIPS = {
    name: Chip("square-lattice-mux-16", seed, tuple(map(str, range(16))))
    for name, seed in (("writing", 4), ("writing-2", 14), ("judging", 304), ("judging-2", 314))
}
"""Twins; rules and weights are written with those for writing, never with those for judging."""
UNKNOWN = "unknown"
_SEEN = 3
"""Tasks on a target with which a second fault can be seen: a dead readout hides everything else."""
_BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


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


def make_figures(answers: Sequence[Answer], unknown: Sequence[Answer]) -> dict[str, Any]:
    """Return the shares of right answers and the calibration of the probabilities."""
    shares = {}
    for name, some in (
        ("failed or flagged, one cause", [a for a in answers if a.failed and len(a.fault.accepted) == 1]),
        ("failed or flagged, a pair", [a for a in answers if a.failed and len(a.fault.accepted) > 1]),
        (
            f"a pair that leaves {_SEEN} tasks measured",
            [a for a in answers if a.failed and len(a.fault.accepted) > 1 and a.tasks >= _SEEN],
        ),
        ("accepted, one cause", [a for a in answers if not a.failed and len(a.fault.accepted) == 1]),
        ("all", answers),
    ):
        n = max(len(some), 1)
        pairs = [a for a in some if len(a.fault.accepted) > 1]
        shares[name] = {
            "answers": len(some),
            "first": sum(a.is_right() for a in some) / n,
            "two": sum(a.is_right(within=2) for a in some) / n,
            "both": sum(a.has_both() for a in pairs) / len(pairs) if pairs else None,
        }
    said = [(a.answers[0][1], a.is_named) for a in answers if a.failed and a.first != UNKNOWN] + [
        (a.answers[0][1], False) for a in unknown if a.first != UNKNOWN
    ]
    calibration = {}
    for low, high in pairwise(_BINS):
        inside = [was for share, was in said if low <= share < high or share == high == 1.0]
        if inside:
            calibration[f"{low:.0%} to {high:.0%}"] = {
                "answers": len(inside),
                "right": sum(inside) / len(inside),
            }
    right = sum(a.first == UNKNOWN for a in unknown)
    return {
        "shares": shares,
        "unknown": {"answers": len(unknown), "share": right / max(len(unknown), 1)},
        "said": calibration,
    }


def print_wrong(answers: Sequence[Answer], unknown: Sequence[Answer]) -> None:
    """Print every wrong answer, and every cause of a kind that no rule knows."""
    for a in answers:
        if not a.is_right():
            print("WRONG", "failed" if a.failed else "accepted", *_describe(a))
        elif len(a.fault.accepted) > 1 and not a.has_both():
            print("HALF", "failed" if a.failed else "accepted", *_describe(a))
    for a in unknown:
        if a.first != UNKNOWN:
            print("KNOWN", *_describe(a))


def _describe(answer: Answer) -> list[str]:
    return [answer.fault.name, "|", *(f"{names[0]} {share:.2f}" for names, share in answer.answers[:4])]


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
    print(json.dumps(make_figures(answers, unknown), indent=1))
    if given.details:
        print_wrong(answers, unknown)
    print(f"healthy targets: {explained}, with a cause {wrong}")


if __name__ == "__main__":
    main()
