"""Options of a twin: what may be asked for, in which words, and what is said to anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_fake.options import TwinOptions
from qdash_fake.physics.drift import QUANTITIES


def test_nothing_happens_unless_asked() -> None:
    options = TwinOptions()
    assert not options.changing
    assert options.model_dump(exclude_defaults=True) == {}
    assert TwinOptions.parse({"drift": 0.0, "tls": "0"}) == options


@pytest.mark.parametrize("one", [2, 2.0, "2"])
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
    assert options.changing


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
        ("drift", "far", "drift: 'far': the size of a drift is a number from 0 to 100"),
        ("drift", True, "drift: True"),
        ("drift", "t1=1,t1=2", "'t1' is named twice"),
        ("drift", "t1=1,echo=2", "'echo' does not drift .known: t1, dephasing, frequency, drive, readout"),
        ("drift", "t1=much", "the size of the drift of t1 is a number from 0 to 100"),
        ("drift", "t1=1,frequency", "'frequency' is not NAME=VALUE"),
        ("drift", {"t1": 101}, "the size of the drift of t1"),
        ("tls", "many", "tls: 'many'"),
        ("tls", 21, "tls: 21"),
        ("dead-line", "3@noon", "dead-line: '3@noon': the hour of 3 is a number from 0 on"),
        ("dead-line", "3@-1", "the hour of 3"),
        ("dead-line", "3@inf", "the hour of 3"),
        ("dead-line", "3,3@2", "'3' is named twice"),
        ("dead-readout", "left", "dead-readout: 'left': 'left' is not a qubit"),
        ("dead-readout", 3, "a line is named by its qubit, as in 3 or 3@12"),
    ],
)
def test_impossible_values_are_refused_by_name_in_one_line(name: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        TwinOptions.parse({name: value})
    assert "\n" not in str(caught.value)
