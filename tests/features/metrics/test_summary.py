"""A yield counts the values within specification of the targets that may be used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.metrics.judged_values import judge_values
from qdash_builtin.metrics.summary import summarise_metric
from qdash_core.models.chip import ParameterModel
from qdash_core.models.chip_judgement import Judgement, TargetJudgement, ValueJudgement
from qdash_core.models.chip_values import ChipValues, KnownValue
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.specification import AskedLimits
from qdash_core.models.task import Verdict

NOW = datetime(2026, 11, 28, tzinfo=UTC)
T1 = load_builtin().qubit_metrics["t1"].ask(AskedLimits(limit=50.0, asked_at=NOW, username="alice"))
VALUE = KnownValue(ParameterModel(value=80.0, unit="us"))


def summarise(fitness: Fitness, trust: Trust | None, value: KnownValue = VALUE) -> int | None:
    """Return the number within specification of one value with this trust, of a target of this fitness."""
    values = {} if trust is None else {"t1": ValueJudgement(trust)}
    judgement = Judgement({"0": TargetJudgement(fitness, ("why",), values)})
    judged = judge_values(ChipValues({"0": {"t1": value}}, {}), judgement)
    return summarise_metric("t1", T1, {"0": judged.qubits["0"]["t1"]}, ["0"], now=NOW).within


@pytest.mark.parametrize(
    ("fitness", "trust", "within"),
    [
        (Fitness.FIT, Trust.TRUSTED, 1),
        (Fitness.DEGRADED, Trust.DOUBTFUL, 1),
        (Fitness.EXCLUDED, Trust.TRUSTED, 1),
        (Fitness.UNFIT, Trust.TRUSTED, 0),
        (Fitness.UNFIT, Trust.NOT_LOOKED_AT, 0),
    ],
)
def test_a_value_in_use_of_an_unfit_target_is_not_within_specification(
    fitness: Fitness, trust: Trust, within: int
) -> None:
    assert summarise(fitness, trust) == within


def test_values_of_the_past_count_by_themselves() -> None:
    flagged = KnownValue(VALUE.parameter, Verdict.FLAGGED)
    assert (summarise(Fitness.UNFIT, None), summarise(Fitness.UNFIT, Trust.TRUSTED, flagged)) == (1, 1)
