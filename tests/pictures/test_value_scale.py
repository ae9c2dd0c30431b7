"""Colours and short texts of values."""

from __future__ import annotations

import pytest

from qdash_core.tasks.colours import BLUE_TO_RED, VIRIDIS, choose_text_colour, colour_at
from qdash_pictures.value_scale import make_scale

from ..case_tables import each_case


def test_values_of_both_signs_are_coloured_about_zero() -> None:
    scale = make_scale("static_zz_interaction", "MHz", [-0.2, -0.05, 0.1])

    assert (scale.low, scale.high) == (-0.2, 0.2)
    assert scale.colour(0.0) == BLUE_TO_RED[5]
    assert [scale.short(value) for value in (-0.2, -0.001, 0.1)] == ["-0.20", "0.00", "0.10"]


def test_values_over_decades_are_on_a_logarithmic_scale() -> None:
    scale = make_scale("t1", "us", [1.0, 10.0, 100.0])

    assert (scale.low, scale.high) == (0.0, 2.0)
    assert scale.fraction(10.0) == pytest.approx(0.5)
    assert [text for _, text in scale.marks] == ["1", "2", "5", "10", "20", "50", "100"]


def test_an_odd_value_does_not_make_all_others_look_alike() -> None:
    usual = [90.0 + number for number in range(20)]
    values = [*usual, 900.0]
    scale = make_scale("t1", "us", values)

    assert scale.high < 200.0
    assert scale.count_beyond(values) == 1
    assert scale.colour(900.0) == VIRIDIS[-1]


def test_one_value_has_a_scale() -> None:
    scale = make_scale("t1", "us", [80.0])

    assert scale.low < 80.0 < scale.high
    assert scale.count_beyond([80.0]) == 0


def test_values_of_zero_have_a_scale() -> None:
    scale = make_scale("cancel_phase", "rad", [0.0, 0.0])

    assert scale.low < 0.0 < scale.high


def test_texts_have_the_decimals_that_tell_the_values_apart() -> None:
    assert make_scale("qubit_frequency", "GHz", [4.61, 5.02]).short(4.8712345) == "4.87"
    assert make_scale("t1", "us", [53.0, 129.0]).short(81.451) == "81"
    assert make_scale("qubit_frequency", "GHz", [4.61, 4.61 + 1e-7]).short(4.61) == "4.61"


def test_an_estimate_of_one_and_more_is_as_good_as_the_scale_goes() -> None:
    scale = make_scale("average_gate_fidelity", "", [0.99, 1.0002])

    assert scale.colour(1.0002) == VIRIDIS[-1]
    assert scale.short(1.0002) == "-0.02"


@each_case(("fraction", "colour"), [(-1.0, VIRIDIS[0]), (0.5, VIRIDIS[5]), (2.0, VIRIDIS[-1])])
def test_a_colour_beyond_the_ends_is_that_of_the_end(fraction: float, colour: str) -> None:
    assert colour_at(VIRIDIS, fraction) == colour


def test_text_is_light_on_dark_and_dark_on_light() -> None:
    assert choose_text_colour(VIRIDIS[0]) == "#ffffff"
    assert choose_text_colour(VIRIDIS[-1]) != "#ffffff"
