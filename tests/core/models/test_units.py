"""Units: one dimension for all spellings, exact conversions, and a refusal that names both units."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError, Parameter
from qdash_core.models.units import are_alike, are_same, convert, convert_alike, convert_parameter


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (8418.5, "MHz", "GHz", 8.4185),
        (8418500000, "Hz", "GHz", 8.4185),
        (0.0452, "ms", "us", 45.2),
        (45.2, "µs", "us", 45.2),
        (45.2, "\N{GREEK SMALL LETTER MU}s", "ns", 45200.0),
        (98.5, "%", "", 0.985),
        (0.31, "", "a.u.", 0.31),
        (0.31, "1", "a.u.", 0.31),
        (180.0, "deg", "rad", math.pi),
        (0.1, "GHz/a.u.", "MHz/a.u.", 100.0),
        (1.0, "rad/us", "rad/s", 1e6),
        (2.0, "h", "s", 7200.0),
        (3, "ns", "ns", 3),
    ],
)
def test_a_number_is_converted_without_a_rounding_error(
    value: float, unit: str, to: str, expected: float
) -> None:
    assert convert(value, unit, to) == expected


@pytest.mark.parametrize(
    ("unit", "other"),
    [
        ("Hz", "rad/s"),
        ("Hz", "1/s"),
        ("us", "MHz"),
        ("dBm", ""),
        ("glow", "shine"),
        ("rad", ""),
        ("GHZ", "GHz"),
    ],
)
def test_units_of_different_dimensions_are_not_converted(unit: str, other: str) -> None:
    assert not are_alike(unit, other)
    with pytest.raises(InvalidInputError):
        convert(1.0, unit, other)


def test_an_unknown_unit_equals_itself() -> None:
    assert are_same("parsec", "parsec")
    assert convert(2.0, "parsec", "parsec") == 2.0


def test_a_refusal_names_both_units_and_cycles_are_no_radians() -> None:
    with pytest.raises(InvalidInputError, match=r"f is in GHz, not in rad/s; 1 Hz is 2π rad/s"):
        convert_parameter("f", Parameter(3e10, None, "rad/s"), "GHz")
    with pytest.raises(InvalidInputError, match=r"f is in GHz, not in rad$"):
        convert_parameter("f", Parameter(3.0, None, "rad"), "GHz")
    with pytest.raises(InvalidInputError, match=r"share has no unit, not in µs"):
        convert_parameter("share", Parameter(0.3, None, "us"), "")


def test_an_error_is_converted_with_its_value() -> None:
    assert convert_parameter("t1", Parameter(0.0452, 0.0008, "ms"), "us") == Parameter(45.2, 0.8, "us")


@pytest.mark.parametrize(
    ("given", "to", "expected"),
    [
        (Parameter(45.2, 0.8), "us", Parameter(45.2, 0.8, "us")),
        (Parameter(0.31), "a.u.", Parameter(0.31, None, "a.u.")),
        (Parameter(0.985, 0.003), "%", Parameter(98.5, 0.3, "%")),
        (Parameter(98.5, 0.3, "%"), "", Parameter(0.985, 0.003)),
        (Parameter(3.0, None, "V"), "A", Parameter(3.0, None, "V")),
    ],
)
def test_an_estimate_without_a_unit_takes_one_but_a_number_becomes_a_percentage_by_conversion(
    given: Parameter, to: str, expected: Parameter
) -> None:
    assert convert_alike(given, to) == expected


@given(
    st.floats(1e-12, 1e12), st.sampled_from(["ns", "us", "ms", "s"]), st.sampled_from(["ns", "us", "ms", "s"])
)
def test_a_conversion_there_and_back_changes_at_most_the_last_digit(value: float, unit: str, to: str) -> None:
    assert convert(convert(value, unit, to), to, unit) == pytest.approx(value, rel=4e-16)
