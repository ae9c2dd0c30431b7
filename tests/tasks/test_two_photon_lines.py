"""Two lines at f02/2: the two-photon line is not identified by guessing."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_analysis import Estimate, FitResult
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_tasks.programs.two_photon import read_proof

from ..case_tables import each_case

F01 = FitResult(
    success=True,
    message="line at 5 GHz",
    parameters={"frequency": Estimate(5.0, 1e-5, "GHz"), "linewidth": Estimate(1.0, 0.05, "MHz")},
)
WIDTH_MHZ = 0.5
NOISE = 0.008


def measured(*, neighbour_mhz: float | None, seed: int) -> RawData:
    """Return signals at 4.835 GHz for two drives, with an optional one-photon line of a neighbour."""
    rng = np.random.default_rng(seed)

    def excited(x: np.ndarray, saturation: float, centre: float) -> np.ndarray:
        width = WIDTH_MHZ * np.sqrt(1 + saturation)
        return 0.5 * saturation / (1 + saturation) / (1 + (2e3 * (x - centre) / width) ** 2)

    arrays = {}
    for name, drive, half, count in (("strong_0", 1.0, 0.025, 251), ("two_photon_0", 0.5, 0.003, 61)):
        x = 4.835 + np.linspace(-half, half, count)
        y = excited(x, 6 * drive**4, 4.835)
        if neighbour_mhz is not None:
            y = y + excited(x, 2 * drive**2, 4.835 + 1e-3 * neighbour_mhz)
        arrays[f"{name}_frequency"] = (x, "GHz")
        iq = y + rng.normal(0, NOISE, count) + 1j * rng.normal(0, NOISE, count)
        arrays[f"{name}_iq"] = (iq, "a.u.")
        arrays[f"{name}_sigma"] = (np.full(count, NOISE), "a.u.")
        arrays[f"{name}_covariance"] = (np.zeros(count), "")
    return RawData(arrays=arrays, attributes={})


@each_case("seed", range(6))
def test_a_line_alone_is_proved(seed: int) -> None:
    proof = read_proof(measured(neighbour_mhz=None, seed=seed), 0, F01)
    assert abs(proof.anharmonicity.value + 0.33) < 5 * proof.anharmonicity.error


@each_case("seed", range(3))
@each_case("apart", [-1.0, 0.8, 1.0])
def test_a_line_of_a_neighbour_beside_it_is_refused(apart: float, seed: int) -> None:
    with pytest.raises(AnalysisError):
        read_proof(measured(neighbour_mhz=apart, seed=seed), 0, F01)
