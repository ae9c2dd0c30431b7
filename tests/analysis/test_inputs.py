"""Errors for bad input, which name the array and its fault."""

import numpy as np
import pytest

from qdash_analysis import (
    fit_qubit_spectroscopy,
    fit_rabi,
    fit_ramsey,
    fit_rb,
    fit_readout,
    fit_resonator,
    fit_t1,
    fit_t2_echo,
)

from ..case_tables import each_case

FITS = [fit_resonator, fit_qubit_spectroscopy, fit_rabi, fit_ramsey, fit_t1, fit_t2_echo]
X = np.linspace(1, 2, 31)
Y = np.exp(-X)

fits = pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)


def changed(array, index, value):
    copy = array.copy()
    copy[index] = value
    return copy


@fits
@pytest.mark.parametrize(
    ("x", "y", "sigma", "message"),
    [
        (X[:3], Y[:3], None, "x is too short: 3 points, at least"),
        ([], [], None, "x is too short: 0 points"),
        (X, Y[:-1], None, "x and y must be of equal length, got 31 and 30"),
        (changed(X, 3, np.nan), Y, None, "x must be finite, got nan at index 3"),
        (X, changed(Y, 4, np.inf), None, "y must be finite, got inf at index 4"),
        (X, changed(Y + 0j, 4, np.nan), None, "y must be (finite|real)"),
        (X[::-1], Y, None, "x must be sorted"),
        (changed(X, 5, X[4]), Y, None, "x must be sorted and without repeats.*index 5"),
        (X.reshape(1, -1), Y, None, "x must be one-dimensional"),
        (X, Y.reshape(1, -1), None, "y must be one-dimensional"),
        (X + 0j, Y, None, "x must be real"),
        (X, Y, 0.0, "sigma must be positive, got 0.0 at index 0"),
        (X, Y, changed(np.ones(31), 7, -1.0), "sigma must be positive, got -1.0 at index 7"),
        (X, Y, np.nan, "sigma must be finite"),
        (X, Y, np.ones(30), r"sigma must be a scalar or as long as x and y \(31\), got 30"),
        (X, ["a"] * 31, None, "y must hold numbers"),
        (X, np.ma.masked_greater(Y, 0.3), None, "y has masked points: leave them out of all arrays"),
        (X, Y, np.ma.masked_less(np.arange(31.0), 1), "sigma has masked points"),
        (X, Y, 1e-60, "sigma must stay above 1e-50, .*: change its unit"),
    ],
)
def test_bad_arrays_are_named(fit, x, y, sigma, message):
    with pytest.raises(ValueError, match=message):
        fit(x, y, sigma=sigma)


@each_case("fit", FITS[1:], ids=lambda fit: fit.__name__)
def test_a_complex_signal_needs_an_axis_first(fit):
    with pytest.raises(ValueError, match="y must be real, got complex numbers"):
        fit(X, Y + 1j)


def test_the_unit_of_a_rabi_sweep_is_one_of_two():
    with pytest.raises(ValueError, match=r"x_unit must be one of ns, a\.u\., got 'us'"):
        fit_rabi(X, Y, x_unit="us")


@each_case(
    ("iq0", "iq1", "message"),
    [
        (np.zeros(5), np.zeros(50), "iq0 is too short: 5 shots"),
        (np.zeros(50), np.zeros(5), "iq1 is too short: 5 shots"),
        (np.full(50, np.nan), np.zeros(50), "iq0 must be finite"),
        (np.zeros((5, 10)), np.zeros(50), "iq0 must be one-dimensional"),
    ],
)
def test_bad_shots_are_named(iq0, iq1, message):
    with pytest.raises(ValueError, match=message):
        fit_readout(iq0, iq1)


def test_lists_and_integers_are_arrays_too():
    assert fit_t1(list(range(20)), [1000 >> k for k in range(20)]).parameters["t1"].value == pytest.approx(
        1 / np.log(2), rel=0.01
    )


@pytest.mark.parametrize("precision", [np.float16, np.float32])
def test_single_precision_is_as_good_as_double(precision):
    y = Y.astype(precision)
    assert fit_t1(X, y).parameters == fit_t1(X, y.astype(float)).parameters


@each_case("fit", [fit_t1, fit_rabi, fit_rb], ids=lambda fit: fit.__name__)
def test_a_signal_whose_squares_pass_for_rounding_is_refused(fit):
    with pytest.raises(ValueError, match=r"y is below 1e-20 everywhere, .*: change its unit"):
        fit(X, 1e-25 * Y)
