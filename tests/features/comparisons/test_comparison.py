"""Changes are shared only if independent drift does not explain them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.comparisons.chip_state import ChipState, KnownTargetState
from qdash_builtin.comparisons.comparison import compare_points
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
from qdash_builtin.values.resources import Resource, ResourceKind
from qdash_core.models.chip import ParameterModel

from ...case_tables import keep_quick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUBITS = [str(number) for number in range(16)]
RESOURCES = {
    Resource(ResourceKind.CHIP, "16Q"): QUBITS,
    **{Resource(ResourceKind.MULTIPLEXER, str(mux)): QUBITS[4 * mux : 4 * mux + 4] for mux in range(4)},
}
MOVED = 10.0
"""Difference that is far more than 3 combined errors."""
NIGHTS = 100


def make_state(values: Mapping[str, Sequence[float]], *, night: str, unmeasured: int = 0) -> ChipState:
    """Return a state with the values of each parameter on qubits 0, 1, ..., measured in a night except the last ones."""
    count = max(map(len, values.values()))
    targets = {
        qid: KnownTargetState(
            {
                name: ParameterModel(
                    value=some[number], error=1.0, task_id=night if number < count - unmeasured else "earlier"
                )
                for name, some in values.items()
            }
        )
        for number, qid in enumerate(QUBITS[:count])
    }
    return ChipState("16Q", "", None, targets)


def list_shared(
    differences: Mapping[str, Sequence[float]], *, unmeasured: int = 0, targets: Sequence[str] | None = None
) -> list[str]:
    nothing = {name: [0.0] * len(some) for name, some in differences.items()}
    before = make_state(nothing, night="first", unmeasured=unmeasured)
    after = make_state(differences, night="second", unmeasured=unmeasured)
    found = compare_points(before, after, load_builtin(), RESOURCES, UsualScatter(), targets=targets)
    return [str(one) for one in found.shared]


@pytest.mark.parametrize(
    ("fell", "rose", "shared"), [(8, 0, True), (7, 0, False), (12, 1, True), (9, 1, False)]
)
def test_half_of_the_targets_share_the_chip_only_if_chance_does_not_move_them_in_one_direction(
    fell: int, rose: int, shared: bool
) -> None:
    size = 16 if fell == 12 else 14 if fell == 7 else 2 * fell
    differences = [-MOVED] * fell + [MOVED] * rose + [0.0] * (size - fell - rose)
    found = list_shared({"x": differences})
    assert [one for one in found if "whole chip" in one] == (
        [f"x fell on {fell} of {size} qubits of the whole chip, median −7.1σ"] if shared else []
    )


def test_more_parameters_need_more_targets() -> None:
    scattered = [MOVED, *[0.0] * 15]
    one_sided, multiplexer = [-MOVED] * 8 + [0.0] * 8, [-MOVED] * 4 + [0.0] * 12
    assert any("whole chip" in one for one in list_shared({"x": one_sided}))
    assert not any("whole chip" in one for one in list_shared({"x": one_sided, "y": scattered}))
    four = dict.fromkeys(("a", "b", "c", "d"), scattered)
    assert any("multiplexer 0" in one for one in list_shared({"x": multiplexer}))
    assert list_shared({"x": multiplexer, **four}) == []


def test_most_of_the_targets_share_the_chip_only_if_chance_does_not_move_them() -> None:
    assert list_shared({"x": [-MOVED] * 5}) == []
    assert list_shared({"x": [-MOVED] * 16}) == ["x fell on 16 of 16 qubits of the whole chip, median −7.1σ"]


def test_shared_changes_are_found_among_all_targets_whichever_are_compared() -> None:
    differences = {"x": [-MOVED] * 16}
    assert list_shared(differences, targets=["0", "1"]) == list_shared(differences)
    assert list_shared({"x": [-MOVED, *[0.0] * 15]}, targets=["0"]) == []


def test_targets_that_were_not_measured_make_no_contrast() -> None:
    differences = {"x": [-MOVED] * 4 + [0.0] * 12}
    assert list_shared(differences) == ["x fell on 4 of 4 qubits of multiplexer 0, median −7.1σ"]
    assert list_shared(differences, unmeasured=12) == []


@pytest.mark.parametrize("seed", keep_quick(range(3), 0))
def test_independent_drift_shares_nothing(seed: int) -> None:
    random = Random(seed)
    nights = [
        {
            name: [random.choice((-MOVED, MOVED)) * (random.random() < 0.55) for _ in range(8)]
            for name in ("a", "b", "c", "d")
        }
        for _ in range(NIGHTS)
    ]
    assert (
        sum(bool(list_shared(one)) for one in nights) <= 5
    )  # each night has at most 1 % for each kind of resource
