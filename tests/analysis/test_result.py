"""Estimates and results with partial knowledge."""

import dataclasses
import pickle

import numpy as np
import pytest

from qdash_analysis import Estimate, FitResult, fit_resonator, fit_t1

from ..case_tables import each_case

DELAYS = np.linspace(0, 50, 51)
DECAY = 0.1 + 0.8 * np.exp(-DELAYS / 12.5)


@each_case("unknown", [0.0, float("nan"), float("inf"), -1.0, None])
def test_an_unknown_error_is_none_and_never_zero_or_infinite(unknown):
    assert Estimate(1.0, unknown, "us").error is None


def test_an_estimate_holds_plain_floats():
    estimate = Estimate(np.float64(1.5), np.float64(0.1), "us")
    assert type(estimate.value) is float
    assert type(estimate.error) is float


@each_case(
    ("estimate", "text"),
    [
        (Estimate(5.05873, 0.00512, "MHz"), "5.0587 ± 0.0051 MHz"),
        (Estimate(-0.0999, 0.5, ""), "-0.10 ± 0.50"),
        (Estimate(4923.4, 191.2, ""), "4923 ± 191"),
        (Estimate(0.123456789, None, "us"), "0.1234568 us"),
    ],
)
def test_an_estimate_is_printed_with_two_digits_of_its_error(estimate, text):
    assert str(estimate) == text


def test_a_result_is_printed_as_its_message_and_its_estimates():
    assert str(FitResult(success=False, message="nothing")) == "nothing"
    found = {"t1": Estimate(48.0, 0.5, "us"), "b": Estimate(1.0, None, "")}
    assert str(FitResult(True, "a decay", found)) == "a decay\nt1: 48.00 ± 0.50 us\nb: 1"


def test_results_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Estimate(1.0, 0.1, "us").value = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        FitResult(success=False, message="nothing").success = True


def test_a_refused_trace_has_no_parameters_and_nothing_to_predict():
    result = fit_t1(DELAYS, np.ones(51))
    assert not result.success
    assert result.parameters == {}
    with pytest.raises(ValueError, match="no model to predict from: no decay: the trace is flat"):
        result.predict(DELAYS)


def test_a_prediction_follows_the_trace_at_other_points():
    result = fit_t1(DELAYS, DECAY)
    assert result.predict([0.0, 12.5]) == pytest.approx([0.9, 0.1 + 0.8 / np.e], rel=1e-6)
    assert result.r2 == pytest.approx(1)


def test_chi2_is_told_only_where_the_noise_is_known():
    noise = np.random.default_rng(1).normal(0, 0.02, 51)
    assert fit_t1(DELAYS, DECAY + noise).reduced_chi2 is None
    assert fit_t1(DELAYS, DECAY + noise, sigma=0.02).reduced_chi2 == pytest.approx(
        1, abs=0.8
    )  # 4 sqrt(2 / 48)


@pytest.mark.parametrize("part", [np.asarray, np.abs])
def test_a_result_survives_the_way_to_another_process(part):
    frequency = np.linspace(5, 5.01, 101)
    s21 = part(1 - 0.6 / (1 + 2j * (frequency - 5.004) / 0.001))
    result = fit_resonator(frequency, s21)
    again = pickle.loads(pickle.dumps(result))
    assert again.parameters == result.parameters
    assert again.predict(frequency) == pytest.approx(s21, abs=1e-6)
