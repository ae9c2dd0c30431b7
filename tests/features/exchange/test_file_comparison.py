"""Comparison of a file with a chip: new, different, equal, unknown; and errors with their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qdash_builtin.chips.new_chip import make_new_chip
from qdash_builtin.exchange.formats.comparison import (
    ChipComparison,
    ComparisonState,
    DatedNumber,
    compare_with_chip,
)
from qdash_core import Parameter
from qdash_core.chips.parts import ChipParts
from qdash_core.chips.topology import Site, Topology
from qdash_core.hooks.imported_data import ImportedData, InitialValue, SkippedEntry
from qdash_core.models.chip import MuxLines, ParameterModel, WiringModel

from ...access import ADMIN
from ...core.chips.samples import PAIR

AT = datetime(2026, 4, 1, 7, 25, tzinfo=UTC)
UNITS = {
    "t1": frozenset({"us"}),
    "qubit_frequency": frozenset({"GHz"}),
    "zx90_gate_time": frozenset({"ns"}),
    "free": frozenset[str](),
}
WIRING = WiringModel(lines=[MuxLines(mux=0, ctrl=["U1A-1", "U1A-2"], read_out="U1A-3", read_in="U1A-4")])


def make_chip(**header: Any) -> Any:
    made = make_new_chip(ADMIN, "A", PAIR, backend="bench", design={"0": {"qubit_frequency": 5.0}}, **header)
    made.qubits["0"].data = {"t1": ParameterModel(value=80.0, error=3.0, unit="us", calibrated_at=AT)}
    return made


def make_number(value: float, unit: str = "us", error: float | None = None) -> InitialValue:
    return InitialValue(Parameter(value, error, unit), "t1.yaml", "data.Q00", AT)


def compare(target: str, **seeds: InitialValue) -> ChipComparison:
    return compare_with_chip(ImportedData(seeds={target: seeds}), make_chip(), UNITS)


def test_a_value_that_the_chip_lacks_is_new() -> None:
    (one,) = compare("1", t1=make_number(70.0)).numbers
    assert (one.standing, one.had, one.imported) == (ComparisonState.NEW, None, DatedNumber(70.0, None, AT))
    assert one.place == "t1.yaml, data.Q00"
    assert compare("1", t1=make_number(70.0)).changes == (one,)


def test_another_value_differs_by_so_many_standard_deviations_of_the_difference() -> None:
    (one,) = compare("0", t1=make_number(90.0, error=4.0)).numbers
    assert one.standing is ComparisonState.DIFFERS
    assert one.had == DatedNumber(80.0, 3.0, AT)
    assert one.sigmas == pytest.approx(2.0)
    (without,) = compare("0", t1=make_number(90.0)).numbers
    assert without.sigmas == pytest.approx(10 / 3)


def test_a_value_that_was_written_in_another_unit_is_the_same() -> None:
    found = compare("0", t1=make_number(80_000.0 / 1000 * (1 + 1e-12)))
    assert found.numbers[0].standing is ComparisonState.SAME
    assert not found.changes


@pytest.mark.parametrize(
    ("measured_at", "standing"),
    [
        (AT - timedelta(seconds=1), ComparisonState.OLDER),
        (AT, ComparisonState.DIFFERS),
        (AT + timedelta(seconds=1), ComparisonState.DIFFERS),
        (None, ComparisonState.DIFFERS),
    ],
    ids=["before", "at once", "after", "nobody knows"],
)
def test_another_value_that_was_measured_before_is_older(measured_at: Any, standing: ComparisonState) -> None:
    seeds = {"0": {"t1": replace(make_number(70.0), measured_at=measured_at)}}
    (one,) = compare_with_chip(ImportedData(seeds=seeds), make_chip(), UNITS).numbers
    assert one.standing is standing
    assert (one.had, one.imported.measured_at) == (DatedNumber(80.0, 3.0, AT), measured_at)
    of_unknown_age = make_chip()
    known = of_unknown_age.qubits["0"].data["t1"]
    of_unknown_age.qubits["0"].data = {"t1": known.model_copy(update={"calibrated_at": None})}
    assert (
        compare_with_chip(ImportedData(seeds=seeds), of_unknown_age, UNITS).numbers[0].standing
        is ComparisonState.DIFFERS
    )


def test_what_is_older_is_a_change_only_where_it_is_wanted() -> None:
    brought = ImportedData(
        seeds={"0": {"t1": replace(make_number(70.0), measured_at=AT - timedelta(days=1))}}
    )
    assert not compare_with_chip(brought, make_chip(), UNITS).changes_something
    assert compare_with_chip(brought, make_chip(), UNITS, older=True).changes_something


def test_the_same_value_of_another_time_is_the_same() -> None:
    brought = ImportedData(
        seeds={"0": {"t1": replace(make_number(80.0), measured_at=AT - timedelta(days=1))}}
    )
    assert compare_with_chip(brought, make_chip(), UNITS).numbers[0].standing is ComparisonState.SAME


def test_what_nobody_knows_is_unknown_and_says_why() -> None:
    (name,) = compare("0", glow=make_number(1.0)).numbers
    (target,) = compare("7", t1=make_number(1.0)).numbers
    assert (name.standing, name.why) == (ComparisonState.UNKNOWN, "no task makes or needs it")
    assert (target.standing, target.why) == (ComparisonState.UNKNOWN, "the chip has no qubit 7")
    assert compare("0", free=make_number(1.0, "any")).numbers[0].standing is ComparisonState.NEW


def test_design_and_wiring_are_compared_and_a_layout_is_told() -> None:
    three = Topology("three", (*PAIR.qubits, Site("2")), ())
    parts = ChipParts(
        three,
        wiring=WIRING,
        design={"0": {"qubit_frequency": 5.0}, "1": {"qubit_frequency": 5.2}, "2": {"pi_length": 40.0}},
    )
    found = compare_with_chip(
        ImportedData(parts, not_understood=(SkippedEntry("skew.yaml", "data", "no parameter"),)),
        make_chip(),
        UNITS,
    )
    assert [(one.kind, one.target, one.standing) for one in found.numbers] == [
        ("design", "0", ComparisonState.SAME),
        ("design", "1", ComparisonState.NEW),
        ("design", "2", ComparisonState.UNKNOWN),
    ]
    assert found.wiring is ComparisonState.NEW
    assert found.layout == "only the files have qubits 2; only the chip has couplings 0-1"
    assert found.not_understood[0].file == "skew.yaml"
    assert (
        compare_with_chip(
            ImportedData(ChipParts(PAIR, wiring=WIRING)), make_chip(wiring=WIRING), UNITS
        ).wiring
        is ComparisonState.SAME
    )
    assert not compare_with_chip(ImportedData(ChipParts(PAIR)), make_chip(), UNITS).changes_something
