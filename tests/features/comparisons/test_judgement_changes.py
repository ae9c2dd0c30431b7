"""Changes of fitness and trust are grouped by the resource that shares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.comparisons.judgement_changes import compare_judgements
from qdash_builtin.values.resources import Resource, ResourceKind
from qdash_core.models.chip_judgement import Judgement, TargetJudgement, ValueJudgement
from qdash_core.models.judgement import Fitness, Trust

if TYPE_CHECKING:
    from collections.abc import Collection

QUBITS = [str(number) for number in range(16)]
RESOURCES = {
    Resource(ResourceKind.CHIP, "16Q"): QUBITS,
    **{Resource(ResourceKind.MULTIPLEXER, str(mux)): QUBITS[4 * mux : 4 * mux + 4] for mux in range(4)},
}


def make_judgement(
    unfit: Collection[str] = (), doubtful: Collection[str] = (), excluded: Collection[str] = ()
) -> Judgement:
    """Return the judgement of 16 qubits with T1, which are fit and trusted except these."""
    targets = {}
    for qid in QUBITS:
        fitness = Fitness.UNFIT if qid in unfit else Fitness.EXCLUDED if qid in excluded else Fitness.FIT
        trust = Trust.DOUBTFUL if qid in doubtful else Trust.TRUSTED
        reasons = ("readout is lost",) if qid in unfit else ()
        targets[qid] = TargetJudgement(fitness, reasons, {"t1": ValueJudgement(trust)})
    return Judgement(targets)


def test_a_change_that_a_multiplexer_shares_names_it_and_others_do_not() -> None:
    found = compare_judgements(make_judgement(), make_judgement(unfit=("4", "5", "6", "7")), RESOURCES)
    assert [(one.target, one.before, one.after, str(one.shared)) for one in found] == [
        (qid, "fit", "unfit", "multiplexer 1") for qid in ("4", "5", "6", "7")
    ]
    assert found[0].reasons == ("readout is lost",)
    apart = compare_judgements(make_judgement(), make_judgement(unfit=("1", "9")), RESOURCES)
    assert [(one.target, one.shared) for one in apart] == [("1", None), ("9", None)]


def test_trust_is_compared_by_value_and_recovers() -> None:
    (found,) = compare_judgements(make_judgement(doubtful=("3",)), make_judgement(), RESOURCES)
    assert (found.target, found.parameter, found.before, found.after) == ("3", "t1", "doubtful", "trusted")


def test_values_of_targets_that_users_have_set_aside_and_unknown_judgements_are_not_compared() -> None:
    excluded = make_judgement(doubtful=("3",), excluded=("3",))
    assert [one.parameter for one in compare_judgements(make_judgement(), excluded, RESOURCES)] == [""]
    assert compare_judgements(Judgement(), make_judgement(unfit=QUBITS), RESOURCES) == []
