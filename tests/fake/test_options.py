"""Options of a twin: names, values, and errors for all others."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_fake.cli.faults import describe_faults, parse_faults
from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.limits import make_limits
from qdash_fake.options import TwinOptions
from qdash_fake.physics.drift import QUANTITIES
from qdash_fake.timed_faults import TimedFault

from ..case_tables import each_case


def test_nothing_happens_unless_asked() -> None:
    options = TwinOptions()
    assert not options.changes_with_time
    assert options.model_dump(exclude_defaults=True) == {}
    assert TwinOptions.parse({"drift": 0.0, "tls": "0", "t1_fall": ""}) == options


@each_case("one", [2, 2.0, "2"])
def test_one_number_is_the_drift_of_everything(one: object) -> None:
    options = TwinOptions.parse({"drift": one})
    assert options.drift == dict.fromkeys(QUANTITIES, 2.0)
    assert options.model_dump()["drift"] == 2.0


def test_a_drift_is_asked_for_by_name() -> None:
    options = TwinOptions.parse({"drift": "frequency=1, readout=2"})
    assert options.drift == {"frequency": 1.0, "readout": 2.0}
    assert options.model_dump(exclude_defaults=True) == {"drift": {"frequency": 1.0, "readout": 2.0}}
    assert TwinOptions.parse({"drift": "t1=0"}) == TwinOptions()


def test_dead_lines_are_named_by_qubit_and_hour() -> None:
    options = TwinOptions.parse({"dead-line": "3@12.5,Q04", "dead-readout": "0@1"})
    assert options.dead_line == {"3": 12.5, "4": 0.0}
    assert options.dead_readout == {"0": 1.0}
    assert options.changes_with_time


def test_falls_of_t1_are_named_by_qubit_factor_and_hours() -> None:
    options = TwinOptions.parse({"t1-fall": "0:4.4@12, Q03:2@0-1.5"})
    kind = FAULT_KINDS["t1-fall"]
    assert options.timed_faults == [
        (kind, TimedFault("0", "", (4.4,), 12.0)),
        (kind, TimedFault("3", "", (2.0,), 0.0, 1.5)),
    ]
    assert options.changes_with_time
    assert describe_faults(options.model_dump(exclude_defaults=True)) == "t1-fall=0:4.4@12,3:2@0-1.5"
    assert TwinOptions.parse(json.loads(json.dumps(options.model_dump(mode="json")))) == options
    options.check_qubits(["0", "3"], device="pair")
    with pytest.raises(InvalidInputError, match="t1-fall: pair has no qubit '3'"):
        options.check_qubits(["0", "1"], device="pair")


@each_case(
    "text",
    ["0", "0:4", "0@12", "0:0.5@2", "0:4@3-2", "0:4@-1", "a:4@1", "0:nan@1", "0:4@1,", "0:4@1-", "0:4:5@1"],
)
def test_an_impossible_fall_of_t1_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="t1-fall"):
        TwinOptions.parse({"t1-fall": text})


def test_warm_ups_are_named_by_temperature_and_hours() -> None:
    options = TwinOptions.parse(parse_faults(("warm-up=140@102-108", "warm-up=90@200")))
    assert [fault for _, fault in options.timed_faults] == [
        TimedFault("", "", (140.0,), 102.0, 108.0),
        TimedFault("", "", (90.0,), 200.0),
    ]
    assert options.changes_with_time
    assert describe_faults(options.model_dump(exclude_defaults=True)) == "warm-up=140@102-108,90@200"
    assert TwinOptions.parse(json.loads(json.dumps(options.model_dump(mode="json")))) == options


@each_case(
    ("text", "complaint"),
    [
        ("140", "warm-up: '140': '140' is not a warm-up: write MILLIKELVIN@HOUR.-HOUR., as in 140@12-18"),
        ("0:4@12", "'0:4@12' is not a warm-up"),
        ("9@12", "the temperature in mK of a warm-up must be a number from 10 to 300"),
        ("301@12", "the temperature in mK of a warm-up must be a number from 10 to 300"),
        ("140@noon", "the hour of a warm-up must be a number from 0 to 1e.06"),
        ("140@18-12", "a warm-up must end after it begins"),
        ("140@1,", "'' is not a warm-up"),
    ],
)
def test_an_impossible_warm_up_is_refused_with_its_reason(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        TwinOptions.parse({"warm-up": text})


def test_what_instruments_lack_is_stored_and_shown_as_it_was_given() -> None:
    given = {"no-active-reset": "1", "plane-turns": "20", "grid": "2", "keeps": "mean", "iq": "250@-40"}
    options = TwinOptions.parse(given)
    assert options.model_dump(exclude_defaults=True) == {
        "no_active_reset": True,
        "plane_turns": 20.0,
        "grid": 2,
        "keeps": "mean",
        "iq": "250@-40",
    }
    assert describe_faults(options.model_dump(exclude_defaults=True)) == ", ".join(
        f"{k}={v}" for k, v in given.items()
    )
    assert TwinOptions.parse(json.loads(json.dumps(options.model_dump(mode="json")))) == options
    assert options.iq_factor == pytest.approx(250 * np.exp(-1j * np.radians(40)))
    assert not options.changes_with_time


def test_a_scale_without_an_angle_is_not_rotated() -> None:
    assert TwinOptions.parse({"iq": "3"}).iq_factor == pytest.approx(3)


def test_the_limits_of_a_laboratory_are_what_its_options_imply() -> None:
    usual = make_limits(TwinOptions())
    assert usual.resets == {"active", "passive"}
    assert usual.keeps == {"mean", "each"}
    assert not usual.plane_turns
    limited = make_limits(
        TwinOptions.parse({"no-active-reset": 1, "plane-turns": 5, "grid": 4, "keeps": "mean"})
    )
    assert limited.resets == {"passive"}
    assert limited.plane_turns
    assert (limited.line("0").start_ns, limited.readout.start_ns) == (4.0, 4.0)
    assert not limited.single_shots
    assert make_limits(TwinOptions(keeps="each")).keeps == {"each"}


@given(
    st.dictionaries(st.sampled_from(QUANTITIES), st.floats(0, 100)),
    st.dictionaries(st.integers(0, 2000).map(str), st.floats(0, 1e6)),
    st.floats(0, 20),
)
def test_options_are_read_back_as_they_were_stored(
    drift: dict[str, float], dead: dict[str, float], tls: float
) -> None:
    options = TwinOptions.parse({"drift": drift, "dead-line": dead, "tls": tls})
    stored = json.loads(json.dumps(options.model_dump(mode="json")))
    assert TwinOptions.parse(stored) == options


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("drift", "far", "drift: 'far': the size of a drift must be a number from 0 to 100"),
        ("drift", True, "drift: True"),
        ("drift", "t1=1,t1=2", "'t1' is given twice"),
        ("drift", "t1=1,echo=2", "'echo' does not drift .known: t1, dephasing, frequency, drive, readout"),
        ("drift", "t1=much", "the size of the drift of t1 must be a number from 0 to 100"),
        ("drift", "t1=1,frequency", "'frequency' is not NAME=VALUE"),
        ("drift", {"t1": 101}, "the size of the drift of t1"),
        ("timed", {}, "'timed' is not an option of a twin .known: slow, .*, cr-phase"),
        ("t1-fall", 4, "t1-fall: 4: it has to be text"),
        ("tls", "many", "tls: 'many'"),
        ("tls", 21, "tls: 21"),
        ("dead-line", "3@noon", "dead-line: '3@noon': the hour of 3 must be a number of at least 0"),
        ("dead-line", "3@-1", "the hour of 3"),
        ("dead-line", "3@inf", "the hour of 3"),
        ("dead-line", "3,3@2", "'3' is given twice"),
        ("dead-readout", "left", "dead-readout: 'left': 'left' is not a qubit"),
        ("plane-turns", -1, "plane-turns: -1"),
        ("grid", "3", "grid: 3: "),
        ("keeps", "none", "keeps: 'none'"),
        ("iq", "0@10", "the scale of the IQ plane must be above 0"),
        ("iq", "2@right", "SCALE@DEGREES, as in 250@-40"),
        ("dead-readout", 3, "name a line by its qubit, as in 3 or 3@12"),
    ],
)
def test_impossible_values_are_refused_by_name_in_one_line(name: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        TwinOptions.parse({name: value})
    assert "\n" not in str(caught.value)
