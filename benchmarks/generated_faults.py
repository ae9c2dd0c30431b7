"""Judgement of explanations on generated nights.

Faults of a twin of 16 qubits are measured once; nights with several of them, alone and in pairs, at several times, are put together from
their results (`tests/fake/nights/cause_nights.py`). Each faulty target is explained from the night on which its fault began, and again from the last
night if it failed. To learn how a kind is answered that no rule knows, its cause is taken out of the rule book, with those that are not
distinguishable from it: then the right answer is that the cause is unknown.
"""

from __future__ import annotations

import logging
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benchmarks.table import Row
from qdash_core import open_qdash
from qdash_core.settings import load_settings
from tests.fake.nights.cause_nights import Library, iter_scenarios
from tests.fake.nights.fault_catalogue import Chip
from tests.fake.nights.judge import UNKNOWN, Judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.fake.nights.cause_nights import Begun, Fault
    from tests.fake.nights.judge import Answer

CHIPS = {
    name: Chip("square-lattice-mux-16", seed, tuple(map(str, range(16))))
    for name, seed in (("writing", 4), ("writing-2", 14), ("judging", 304), ("judging-2", 314))
}
"""Twins; rules and weights are written with those for writing, never with those for judging."""
_SEEN = 3
"""Tasks on a target with which a second fault can be seen: a dead readout hides everything else."""
_BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


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
    ):
        pairs = [a for a in some if len(a.fault.accepted) > 1]
        shares[name] = {
            "answers": len(some),
            "first": sum(a.is_right() for a in some) / len(some) if some else None,
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


def list_rows(figures: Mapping[str, Any], of: str) -> Iterator[Row]:
    """Yield the figures as rows."""
    for name, share in figures["shares"].items():
        for what, value in (("right first", share["first"]), ("both of a pair", share["both"])):
            if value is not None:
                yield Row.of(f"causes of {of}, {name}: {what}", "%", [100 * value])
    if figures["unknown"]["answers"]:
        what = f"causes of {of}, kinds that no rule knows: unknown"
        yield Row.of(what, "%", [100 * figures["unknown"]["share"]])
    for name, said in figures["said"].items():
        yield Row.of(
            f"causes of {of}, probability {name}: the cause of the fault", "%", [100 * said["right"]]
        )


def answer_all(judge: Judge, scenarios: Iterable[Sequence[Begun]], faults: Sequence[Fault]) -> dict[str, Any]:
    """Return the figures of scenarios, and of each fault alone without its cause in the rule book."""
    answers = [answer for begun in scenarios for answer in judge.ask(begun)]
    alone = [begun for (begun,) in iter_scenarios(faults, len(faults), seed=1, most=1)]
    unknown = [answer for one in alone if (answer := judge.ask_without(one)) is not None]
    return make_figures(answers, unknown)


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Judge the explanations of generated nights; the measured faults stay in the folder."""
    logging.disable(logging.WARNING)
    library, nights = make_library(folder, quick=quick)
    healthy, faults = library.read()
    with open_qdash(load_settings(home=library.home)) as qdash:
        judge = Judge(qdash, healthy)
        yield from list_rows(
            answer_all(judge, iter_scenarios(faults, nights, seed=library.seed), faults), "generated nights"
        )
        yield Row.of("causes of healthy targets of generated nights", "targets", [judge.count_alarms()[1]])


def make_library(folder: Path, *, quick: bool) -> tuple[Library, int]:
    """Return the measured faults of the twin for judging, and the number of nights to judge."""
    if quick:
        chip = Chip("square-lattice-mux-16", 9, ("0", "1", "2", "5"))
        return Library(folder, chip, kinds=("dead drive line", "fall of T1")), 5
    chip = CHIPS["judging"]
    return Library(folder, chip, seed=chip.seed), 200
