"""Timed faults of all kinds: options, hours, qubits, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.cli.faults import describe_faults, parse_faults
from qdash_fake.drift_schedules import list_remarks
from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.options import TwinOptions
from qdash_fake.physics.draw import draw_chip
from qdash_fake.timed_changes import QubitFaultKind

from ..case_tables import each_case
from .conftest import make_table
from .timed_changes import make_change

if TYPE_CHECKING:
    from qdash_fake.timed_faults import FaultKind

HOUR_S = 3600.0
CHIP = draw_chip(make_table({}, {"frequency_ghz": 5.12}, {}, couplings=(("0", "1"), ("1", "2"))), 1)
KINDS = pytest.mark.parametrize("kind", FAULT_KINDS.values(), ids=lambda kind: kind.name)
OF_QUBITS = pytest.mark.parametrize(
    "kind",
    [kind for kind in FAULT_KINDS.values() if isinstance(kind, QubitFaultKind)],
    ids=lambda kind: kind.name,
)


@KINDS
def test_the_example_of_a_kind_is_an_option_that_is_read_back_as_it_was_stored(kind: FaultKind) -> None:
    options = TwinOptions.parse(parse_faults((f"{kind.name}={kind.example}",)))
    ((found, fault),) = options.timed_faults
    assert found is kind
    assert kind.parse(str(fault)) == fault
    assert options.changes_with_time
    stored = options.model_dump(exclude_defaults=True)
    assert TwinOptions.parse(stored) == options
    assert describe_faults(stored) == f"{kind.name}={fault}"


def test_a_remark_has_a_true_minus_sign() -> None:
    options = TwinOptions.parse({"frequency-jump": "0:-3@12"})
    assert list_remarks(CHIP, options, lambda _: 13 * HOUR_S) == {
        "0": [
            "the qubit frequency has been shifted by \N{MINUS SIGN}3\N{NO-BREAK SPACE}MHz since 12\N{NO-BREAK SPACE}h of laboratory time"
        ]
    }


@OF_QUBITS
def test_a_fault_changes_its_qubit_between_its_hours_only_and_no_other_one(kind: FaultKind) -> None:
    change, qubit = make_change(kind.name, kind.example, CHIP), CHIP.qubits["0"]
    begin_h, end_h = change.fault.from_h, change.fault.until_h
    for hour in (0.0, begin_h - 0.01, end_h, 1000.0):
        assert change.at(qubit, hour * HOUR_S) == qubit
        assert change.remarks(hour * HOUR_S) == []
    during = (begin_h + end_h) / 2
    assert change.at(qubit, during * HOUR_S) != qubit
    options = TwinOptions.parse({kind.name: kind.example})
    remarks = list_remarks(CHIP, options, lambda _: during * HOUR_S)
    named = {qid for qid in ("0", "1", "2") if kind.concerns(change.fault, qid, CHIP.multiplexers)}
    assert remarks.keys() == named
    assert all(
        f"since {begin_h:g}\N{NO-BREAK SPACE}h of laboratory time" in one for (one,) in remarks.values()
    )


@each_case(
    ("name", "text", "complaint"),
    [
        (
            "frequency-jump",
            "0@1",
            "'0@1' is not a frequency jump: write QID:MHZ@HOUR.-HOUR., as in 0:-3@12-13",
        ),
        (
            "frequency-jump",
            "0:1001@1",
            "the shift in MHz of a frequency jump must be a number from -1000 to 1000",
        ),
        ("defect", "0:1:900@1", "the coupling in kHz of a defect must be a number from 1 to 500"),
        ("defect", "0:1:9:9@1", r"write QID:MHZ\[:KHZ\]@HOUR\[-HOUR\]"),
        ("swapped-drive", "0:0@1", "a swap of drive lines needs two different qubits"),
        ("swapped-drive", "0:x@1", "'x' is not a qubit"),
        ("wrong-sign", "0:1@1", r"write QID@HOUR\[-HOUR\]"),
        ("drive-gain", ",".join(["0:40@0"] * 11), "is given 11 times for 0: the limit is 10"),
        ("crosstalk", "0:1@1", r"write QID:QID:DB@HOUR\[-HOUR\]"),
    ],
)
def test_an_impossible_fault_is_refused_with_its_form_and_an_example(
    name: str, text: str, complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"{name}: '{text}': .*{complaint}"):
        TwinOptions.parse({name: text})


def test_a_size_that_is_left_out_has_its_usual_value() -> None:
    assert FAULT_KINDS["defect"].parse("0:1@2").sizes == (1.0, 80.0)


def test_both_qubits_of_a_fault_of_two_must_exist() -> None:
    with pytest.raises(InvalidInputError, match="crosstalk: made has no qubit '9'"):
        TwinOptions.parse({"crosstalk": "0:9:-6@1"}).check_qubits(["0", "1"], device="made")


def test_hours_of_any_size_are_read_back() -> None:
    kind = FAULT_KINDS["wrong-sign"]
    fault = kind.parse("0@0.00001-1000000")
    assert kind.parse(str(fault)) == fault


@each_case("name", ["drive-compression", "wrong-sign", "pulse-distortion", "frequency-ramp"])
def test_a_twin_that_plays_pulses_refuses_what_it_cannot_show(name: str) -> None:
    given = {name: FAULT_KINDS[name].example, "pulse-level": True}
    with pytest.raises(InvalidInputError, match=f"{name}: a twin with --pulse-level cannot show this fault"):
        TwinOptions.parse(given)
