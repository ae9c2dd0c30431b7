"""A digest names the targets that are unfit together, and their shared line, multiplexer or module."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qdash_core.comparisons.chip_state import ChipState, KnownTargetState
from qdash_core.comparisons.shared_resources import list_resources
from qdash_core.digests.changes import list_unfit
from qdash_core.models.chip import TargetStatus
from qdash_core.models.chip_judgement import Judgement, TargetJudgement
from qdash_core.models.judgement import Fitness

from ..comparisons.test_shared_resources import CHIP

STATE = ChipState(
    "64Q",
    "now",
    datetime(2026, 1, 8, tzinfo=UTC),
    {qid: KnownTargetState({}, TargetStatus.CALIBRATED) for qid in CHIP.qubits},
)


@pytest.mark.parametrize(
    ("unfit", "shared"),
    [
        (["52", "53", "54", "55"], "multiplexer 13"),
        (["3"], ""),
        (["0", "21", "42"], ""),
    ],
    ids=["all of a multiplexer", "one of four", "one of each of three multiplexers"],
)
def test_targets_that_are_unfit_together_name_what_they_share(unfit: list[str], shared: str) -> None:
    judgement = Judgement(
        {
            qid: TargetJudgement(Fitness.UNFIT, ("far worse",))
            if qid in unfit
            else TargetJudgement(Fitness.FIT)
            for qid in CHIP.qubits
        }
    )
    found = list_unfit(judgement, STATE, list_resources(CHIP))
    assert [(one.target, one.reasons) for one in found] == [(qid, ("far worse",)) for qid in unfit]
    assert {one.shared.partition(" (")[0] for one in found} == {shared}
