"""Ranking of causes: prior and evidence add up, and a cause must be more probable than none."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qdash_builtin.explanations.cause_scores import LEAST_SCORE, rank_causes, score_no_cause
from qdash_builtin.explanations.causes import Cause
from qdash_builtin.explanations.observations import Observation

CAUSES = {
    one: Cause(id=one, title=one, do="Look.", prior=prior)
    for one, prior in {"a": 1.0, "b": 0.5, "c": 1.0}.items()
}


def observe(cause: str, weight: float, *, group: str = "", task: str = "T", target: str = "0") -> Observation:
    return Observation(cause, target, f"{cause} {weight}", weight, task, group)


def test_the_score_is_the_prior_and_the_weights_and_the_probability_is_relative() -> None:
    found = rank_causes(
        [
            observe("a", 3.0),
            observe("a", -1.0),
            observe("b", 4.0),
            observe("c", -0.5),
            observe("unknown", 9.0),
        ],
        CAUSES,
        no_cause=1.0,
    )
    scores = {"b": 4.0 + math.log(0.5), "a": 3.0 - 1.5}
    assert [one.cause.id for one in found.causes] == [*scores]
    assert [one.score for one in found.causes] == pytest.approx([*scores.values()])
    known = sum(map(math.exp, [*scores.values(), -0.75]))
    assert found.no_cause == pytest.approx(math.e / (math.e + known))
    first, second = found.causes
    assert first.probability / second.probability == pytest.approx(
        math.exp(scores["b"] - scores["a"]), rel=0.15
    )
    assert 1.0 < first.probability + second.probability + found.no_cause < 1.05
    assert [one.weight for one in second.evidence_for] == [3.0]
    assert [one.weight for one in second.evidence_against] == [-1.0]


def test_two_causes_with_facts_of_their_own_are_both_probable() -> None:
    found = rank_causes([observe("a", 9.0), observe("c", 12.0)], CAUSES, no_cause=2.0)
    assert [one.cause.id for one in found.causes] == ["c", "a"]
    assert all(one.probability > 0.95 for one in found.causes)
    assert found.present == found.causes


def test_a_fact_that_speaks_for_two_causes_is_evidence_for_one_of_them() -> None:
    same = [observe("a", 9.0, group="signal"), observe("c", 12.0, group="signal")]
    found = rank_causes(same, CAUSES, no_cause=2.0)
    assert [one.cause.id for one in found.causes] == ["c", "a"]
    assert found.causes[0].probability > 0.9
    assert found.causes[1].probability < 0.1
    assert found.present == found.causes[:1]


def test_causes_that_cannot_be_told_apart_are_no_pair() -> None:
    causes = CAUSES | {"a": CAUSES["a"].model_copy(update={"indistinguishable_from": ("c",)})}
    found = rank_causes([observe("a", 9.0), observe("c", 9.0)], causes, no_cause=0.0)
    assert [one.probability for one in found.causes] == pytest.approx([0.5, 0.5], abs=1e-3)


def test_of_a_group_the_strongest_observation_of_each_task_counts() -> None:
    grouped = [observe("a", weight, group="signal") for weight in (1.0, 3.0, -2.0)]
    found = rank_causes([*grouped, observe("a", 2.0, group="signal", task="U")], CAUSES, no_cause=0.0)
    assert [one.weight for one in found.causes[0].evidence_for] == [3.0, 2.0]
    assert found.causes[0].evidence_against == ()


def test_a_cause_on_two_targets_is_two_causes() -> None:
    found = rank_causes([observe("a", 2.0), observe("a", 3.0, target="1")], CAUSES, no_cause=0.0)
    assert [(one.cause.id, one.target, one.score) for one in found.causes] == [
        ("a", "1", 3.0),
        ("a", "0", 2.0),
    ]


def test_without_enough_evidence_no_cause_is_shown() -> None:
    found = rank_causes([observe("a", 1.0)], CAUSES, no_cause=4.0)
    assert found.causes == ()
    assert found.no_cause > 0.9
    assert rank_causes([], CAUSES, no_cause=4.0).no_cause == 1.0


def test_a_cause_with_evidence_against_it_alone_is_not_shown() -> None:
    assert rank_causes([observe("a", -0.5)], CAUSES, no_cause=-1.0).causes == ()


def test_a_failure_without_a_cause_that_explains_it_has_an_unknown_one() -> None:
    weak, strong = observe("a", 1.0), observe("a", 6.0)
    for some, unknown in (((weak,), True), ((weak, strong), False)):
        found = rank_causes(some, CAUSES, no_cause=score_no_cause("failed", 1), least=LEAST_SCORE["failed"])
        assert [one.cause.id for one in found.causes] == ["a"]
        assert (found.first is None) is unknown
        assert (found.no_cause > 0.5) is unknown


def test_the_more_results_are_read_the_more_evidence_a_cause_needs() -> None:
    scores = [score_no_cause("failed", number) for number in (1, 3, 8, 20)]
    assert scores == sorted(scores)
    assert score_no_cause("accepted", 1) == score_no_cause("accepted", 8) == LEAST_SCORE["accepted"]


def test_causes_with_the_same_evidence_are_named_together() -> None:
    shared = [observe("c", 3.0), replace(observe("a", 3.0), text="c 3.0")]
    found = rank_causes([*shared, observe("b", 3.0)], CAUSES, no_cause=0.0)
    assert {one.cause.id: one.same_evidence for one in found.causes} == {"a": ("c",), "b": (), "c": ("a",)}
