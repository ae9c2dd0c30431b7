"""Values set by hand that are far from all evidence: they are refused until they are confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.values.far_values import add_units, find_far_values
from qdash_builtin.values.feature import VALUES
from qdash_core.errors import UnconfirmedError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.estimates import Parameter
from qdash_core.models.pages import PageRequest
from qdash_core.tasks.quantities import Quantity

from ...access import ADMIN
from ...core.bench import CHIP, OutputParameter, make_task

if TYPE_CHECKING:
    from qdash_builtin.values.service import ValueService

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

FREQUENCY = make_task(
    "Frequency",
    {"qubit_frequency": Parameter(5.00002, 0.000001, "GHz")},
    output_parameters={"qubit_frequency": OutputParameter("GHz", jump=0.01)},
)
DEFINITIONS = {
    "qubit_frequency": Quantity("GHz", jump=0.01),
    "fidelity": Quantity("", jump=2 / 3, ideal=1.0, negligible=0.001),
    "amplitude": Quantity("a.u."),
    "phase": Quantity("rad"),
    "free": Quantity("us", jump=float("inf")),
}


def is_far(name: str, value: Parameter, *, in_use: float | None = None, design: float | None = None) -> bool:
    """Return whether a value is far from the one in use, or from the design value."""
    unit = DEFINITIONS[name].unit
    known = {} if in_use is None else {name: ParameterModel(value=in_use, error=1e-6, unit=unit)}
    designed = add_units({name: design}, {name: unit})
    return bool([*find_far_values({name: value}, known, designed, DEFINITIONS)])


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(FREQUENCY)
    bench.run("Frequency")
    return bench


@pytest.fixture
def values(bench: Bench) -> ValueService:
    return bench.qdash.get(VALUES)


def test_a_far_value_is_refused_with_the_one_in_use_and_nothing_is_written(
    bench: Bench, values: ValueService
) -> None:
    with pytest.raises(
        UnconfirmedError, match=r"qubit_frequency = 4\.9.GHz is far from 5\.0000200\(10\).GHz in use.*confirm"
    ):
        values.set(ADMIN, CHIP, "0", {"qubit_frequency": Parameter(4.9)}, reason="typed")
    assert bench.get_value("qubit_frequency") == 5.00002


def test_a_confirmed_value_is_set_says_so_and_can_be_undone(bench: Bench, values: ValueService) -> None:
    event = values.set(
        ADMIN, CHIP, "0", {"qubit_frequency": Parameter(4.9)}, reason="retuned", confirmed=True
    )
    assert bench.get_value("qubit_frequency") == 4.9
    assert event.head.reason.startswith("retuned (confirmed: qubit_frequency = 4.9")
    assert values.list_events(ADMIN, CHIP, PageRequest(1)).items[0].head.reason == event.head.reason
    values.undo(ADMIN, event.number)
    assert bench.get_value("qubit_frequency") == 5.00002


def test_a_near_value_needs_no_confirmation_and_its_reason_stays(bench: Bench, values: ValueService) -> None:
    event = values.set(ADMIN, CHIP, "0", {"qubit_frequency": Parameter(5001.0, unit="MHz")}, reason="near")
    assert (bench.get_value("qubit_frequency"), event.head.reason) == (5.001, "near")


@pytest.mark.parametrize(
    ("name", "value", "in_use", "design", "far"),
    [
        ("qubit_frequency", Parameter(4.9, None, "GHz"), 5.0, None, True),
        ("qubit_frequency", Parameter(4.96, None, "GHz"), 5.0, None, False),
        ("qubit_frequency", Parameter(4.9, 0.04, "GHz"), 5.0, None, False),
        ("qubit_frequency", Parameter(4.9, None, "GHz"), 5.0, 4.9, True),
        ("qubit_frequency", Parameter(4.9, None, "GHz"), None, 5.0, False),
        ("qubit_frequency", Parameter(4.5, None, "GHz"), None, 5.0, True),
        ("qubit_frequency", Parameter(4.5, None, "GHz"), None, None, False),
        ("fidelity", Parameter(0.9, None, ""), 0.99, None, True),
        ("fidelity", Parameter(0.99, None, ""), 0.9, None, True),
        ("amplitude", Parameter(0.5, None, "a.u."), 0.1, None, False),
        ("amplitude", Parameter(1.1, None, "a.u."), 0.1, None, True),
        ("amplitude", Parameter(0.1, None, "a.u."), 0.0, None, False),
        ("phase", Parameter(3.0, None, "rad"), 0.1, None, False),
        ("free", Parameter(900.0, None, "us"), 1.0, None, False),
    ],
)
def test_far_is_beyond_the_plausible_change_of_the_quantity(
    name: str, value: Parameter, in_use: float | None, design: float | None, far: bool
) -> None:
    """A design value is a guess, three times as wide; a setting is far by a factor of 10; a phase, and a value of 0, have no scale."""
    assert is_far(name, value, in_use=in_use, design=design) is far


def test_a_value_in_use_beside_a_design_value_is_named_with_both() -> None:
    known = {"qubit_frequency": ParameterModel(value=5.0, error=1e-3, unit="GHz")}
    designed = {"qubit_frequency": Parameter(5050.0, None, "MHz")}
    found = find_far_values({"qubit_frequency": Parameter(4.8, None, "GHz")}, known, designed, DEFINITIONS)
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in found] == [
        "qubit_frequency = 4.8 GHz is far from 5.0000(10) GHz in use and 5.05 GHz of the design"
    ]
