"""Targets of a flow: the named ones, without user exclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import InvalidInputError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets
from qdash_core.models.chip import TargetStatus

from ...access import ADMIN
from ..bench import CHIP, make_task
from .samples import set_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.flows.targets import Targets

    from ..conftest import MakeBench


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (QubitTargets(["4", "Q01", "4"]), ["1", "4"]),
        (QubitTargets(["0", "1"], exclude_qids=["Q0"]), ["1"]),
        (MuxTargets([1]), ["3", "4"]),
        (MuxTargets([1, 0], exclude_qids=["2"]), ["0", "1", "3", "4"]),
        (AllMuxTargets(), ["0", "1", "2", "3", "4"]),
        (AllMuxTargets(exclude_qids=["0", "4"]), ["1", "2", "3"]),
        (CouplingTargets(), ["0-1", "1-2", "2-3", "3-4"]),
        (CouplingTargets(["3-2", ("Q1", "Q0")]), ["0-1", "2-3"]),
    ],
)
def test_targets_name_what_is_on_the_chip(
    make_bench: MakeBench, targets: Targets, expected: list[str]
) -> None:
    assert targets.resolve(make_bench(make_task()).qdash.get(CHIPS).show(ADMIN, CHIP)) == expected


@pytest.mark.parametrize("status", [TargetStatus.EXCLUDED, TargetStatus.DEAD])
def test_what_a_person_has_left_out_is_left_out(make_bench: MakeBench, status: TargetStatus) -> None:
    bench = make_bench(make_task())
    set_status(bench, "1", status)
    set_status(bench, "3-4", status)
    chip = bench.qdash.get(CHIPS).show(ADMIN, CHIP)
    assert AllMuxTargets().resolve(chip) == ["0", "2", "3", "4"]
    assert QubitTargets(["0", "1"]).resolve(chip) == ["0"]
    assert MuxTargets([0]).resolve(chip) == ["0", "2"]
    assert CouplingTargets().resolve(chip) == ["2-3"], "neither 3-4 nor what has to do with qubit 1"
    with pytest.raises(InvalidInputError, match="no qubit of chip chip is left"):
        QubitTargets(["1"]).resolve(chip)


@pytest.mark.parametrize(
    ("kind", "named", "message"),
    [
        (QubitTargets, ["zero"], "'zero' is not a qubit"),
        (QubitTargets, [0], "0 is not a qubit"),
        (QubitTargets, "12", "qids is '12', which is not a list: write qids="),
        (AllMuxTargets, [5], "5 is not a qubit"),
        (MuxTargets, ["x"], "'x' is not a multiplexer"),
        (MuxTargets, 0, "mux_ids is 0, which is not a list"),
        (CouplingTargets, ["0"], "not a coupling"),
        (CouplingTargets, [("0", 1)], "not a coupling"),
        (CouplingTargets, "0-1", "couplings is '0-1', which is not a list"),
    ],
)
def test_names_that_no_chip_can_have_are_refused_at_once(
    kind: Callable[[object], Targets], named: object, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        kind(named)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (QubitTargets(["0", "9"]), "no qubit 9"),
        (QubitTargets([]), "is left to run on"),
        (MuxTargets([2]), "no multiplexer 2"),
        (CouplingTargets(["0-2"]), "no coupling 0-2"),
        (AllMuxTargets(exclude_qids=["0", "1", "2", "3", "4"]), "is left to run on"),
        (AllMuxTargets(exclude_qids=["9"]), "no qubit 9"),
    ],
)
def test_targets_that_are_not_there_are_refused_before_anything_begins(
    make_bench: MakeBench, targets: Targets, message: str
) -> None:
    bench = make_bench(make_task())
    cal = bench.make_service()
    with pytest.raises(InvalidInputError, match=message):
        cal.run(targets, [CustomOneQubit(["Measure"])])
    assert not cal.begun
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
