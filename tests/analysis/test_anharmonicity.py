"""Anharmonicity from the two-photon line f02/2."""

import numpy as np
import pytest

from qdash_analysis import fit_anharmonicity

from ..case_tables import each_case


def scan(rng, *, relative_width, points, contrast_over_noise):
    """Return a window of 50 MHz about f01 - 155 MHz with a line in its middle 60 %, and f01 with its error."""
    x = np.linspace(4.82, 4.87, points)
    frequency, width = 4.845 + 0.05 * rng.uniform(-0.3, 0.3), 0.05 * relative_width
    f01_error = 1e-5
    truth = {"frequency": frequency, "linewidth": 1e3 * width, "anharmonicity": 2 * (frequency - 5.0)}
    sigma = 1 / contrast_over_noise
    y = rng.choice([-1, 1]) / (1 + (2 * (x - frequency) / width) ** 2) + rng.normal(0, 2) * (x - 4.845)
    y = y + rng.normal(0, sigma, points)
    return x, y, sigma, {"frequency": 5.0 + rng.normal(0, f01_error), "frequency_error": f01_error}, truth


@pytest.mark.parametrize(
    "known", [pytest.param(True, marks=pytest.mark.release), False], ids=["known noise", "unknown noise"]
)
@pytest.mark.parametrize(
    ("relative_width", "points", "contrast_over_noise"),
    [
        pytest.param(0.03, 126, 12, marks=pytest.mark.release),
        (0.1, 61, 15),
        pytest.param(0.2, 61, 60, marks=pytest.mark.release),
    ],
)
def test_anharmonicity_is_honest(assert_honest, relative_width, points, contrast_over_noise, known):
    def simulate(rng):
        x, y, sigma, f01, truth = scan(
            rng, relative_width=relative_width, points=points, contrast_over_noise=contrast_over_noise
        )
        return fit_anharmonicity(x, y, sigma=sigma if known else None, **f01), truth

    assert_honest(simulate, ["anharmonicity", "frequency", "linewidth"])


def test_the_error_holds_that_of_f01(rng):
    x, y, sigma, f01, _ = scan(rng, relative_width=0.1, points=61, contrast_over_noise=50)
    alone = fit_anharmonicity(x, y, sigma=sigma, frequency=f01["frequency"]).parameters
    together = fit_anharmonicity(x, y, sigma=sigma, frequency=5.0, frequency_error=1e-3).parameters
    assert alone["anharmonicity"].error == pytest.approx(2 * alone["frequency"].error)
    assert together["anharmonicity"].error == pytest.approx(2e-3, rel=0.01)


def test_a_window_without_a_line_is_refused(rng):
    x = np.linspace(4.82, 4.87, 101)
    refused = [fit_anharmonicity(x, rng.normal(0, 1, 101), frequency=5.0, sigma=1.0) for _ in range(40)]
    assert sum(result.success for result in refused) <= 1
    assert "f02/2" in refused[0].message


@each_case(("frequency", "error"), [(-5.0, None), (np.nan, None), (5.0, -1.0), (5.0, np.inf)])
def test_a_frequency_that_is_none_is_named(frequency, error):
    with pytest.raises(ValueError, match="frequency"):
        fit_anharmonicity(np.linspace(4, 5, 20), np.zeros(20), frequency=frequency, frequency_error=error)
