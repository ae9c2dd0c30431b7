"""Unfit targets of a digest, grouped by shared resources, and changes of fitness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.comparisons.shared_resources import list_resources
from qdash_builtin.digests.digest import UnfitTarget
from qdash_builtin.digests.fitness_news import group_unfit, iter_changed_fitness, list_unfit
from qdash_core.models.chip_judgement import Judgement, TargetJudgement
from qdash_core.models.judgement import Fitness

from ..comparisons.test_shared_resources import CHIP

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOURCES = list_resources(CHIP)


def judge(reasons: Mapping[str, str], others: Mapping[str, Fitness] | None = None) -> Judgement:
    """Return a judgement in which these targets are unfit."""
    known = {qid: TargetJudgement((others or {}).get(qid, Fitness.FIT)) for qid in CHIP.qubits}
    unfit = {qid: TargetJudgement(Fitness.UNFIT, (one,)) for qid, one in reasons.items()}
    return Judgement({**known, **unfit})


def group(judgement: Judgement) -> list[tuple[list[str], str]]:
    unfit = [UnfitTarget(qid, one.reasons) for qid, one in list_unfit(judgement).items()]
    found = group_unfit(unfit, judgement, RESOURCES)
    return [(one.targets, one.shared.partition(" (")[0]) for one in found]


@pytest.mark.parametrize(
    ("unfit", "groups"),
    [
        (["52", "53", "54", "55"], [(["52", "53", "54", "55"], "multiplexer 13")]),
        (["3"], [(["3"], "")]),
        (["0", "21", "42"], [(["0", "21", "42"], "")]),
    ],
    ids=["all of a multiplexer", "one of four", "one of each of three multiplexers"],
)
def test_targets_that_are_unfit_together_name_what_they_share(
    unfit: list[str], groups: list[tuple[list[str], str]]
) -> None:
    assert group(judge({qid: f"fidelity is 0.6{qid}" for qid in unfit})) == groups


def test_targets_of_one_multiplexer_are_one_group_whatever_their_reasons() -> None:
    reasons = {
        "52": "far worse",
        "53": "a flagged value is far worse",
        "54": "failed: no signal",
        "55": "failed: x",
    }
    assert group(judge(reasons)) == [(["52", "53", "54", "55"], "multiplexer 13")]


def test_others_are_grouped_by_reasons_that_differ_in_numbers_at_most() -> None:
    reasons = {"0": "no peak at 5.1", "21": "flat", "42": "no peak at 4.9"}
    assert group(judge(reasons)) == [(["0", "42"], ""), (["21"], "")]


def test_a_coupling_is_unfit_by_itself_only_if_its_qubits_may_be_used() -> None:
    found = list_unfit(judge({"0": "failed", "0-1": "qubit 0 is unfit", "2-3": "set is broken"}))
    assert [*found] == ["0", "2-3"]


def test_changes_of_fitness_are_those_between_two_judgements() -> None:
    before = judge({"1": "x", "2": "x"}, {"3": Fitness.UNKNOWN, "5": Fitness.DEGRADED, "6": Fitness.EXCLUDED})
    after = judge({"2": "x", "7": "x"}, {"4": Fitness.DEAD, "6": Fitness.DEGRADED})
    found = [
        (one.target, one.before, one.fitness, one.note) for one in iter_changed_fitness(before, after, str)
    ]
    assert found == [
        ("1", "unfit", "fit", ""),
        ("3", "unknown", "fit", ""),
        ("4", "fit", "dead", "4"),
        ("6", "excluded", "degraded", ""),
    ]
    assert [*iter_changed_fitness(after, after, str)] == []
