"""Hamiltonian tomography on twins: every coefficient within its error, with any static ZZ beside the tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.devices import load_device
from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.pair import make_pair
from qdash_tasks.coupling.cross_resonance import read_tone
from qdash_tasks.programs.tone_search import is_poorly_described
from qdash_tasks.programs.tone_tomography import read_paths
from qdash_tasks.tasks import CheckCrossResonance

from ..case_tables import each_case
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHIPS = (("jakarta", 1), ("guadalupe", 2), ("kolkata", 13))
LEAST = (4, 15, 40)
"""Least number of couplings, by the number of chips."""
NAMES = ("zx", "ix", "zy", "iy", "zz", "iz")


def pulls_of(laboratory: Laboratory, coupling: str) -> list[float] | None:
    """Return the pull of each coefficient of the last tone, or None if the trajectory is no rotation."""
    raw = laboratory.measure(CheckCrossResonance, coupling)
    fit = read_paths(raw, str(raw.attributes["last"])).refit()
    if is_poorly_described(fit):
        return None
    control, target = laboratory.direction(coupling)
    drive_ghz = laboratory.backend.laboratory.settings[target].drive_frequency_ghz
    true = rates(make_pair(laboratory.chip, coupling, control), read_tone(raw), drive_ghz=drive_ghz)
    return [
        (fit.parameters[name].value - getattr(true, name)) / (fit.parameters[name].error or 0)
        for name in NAMES
    ]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(1, id="one chip"),
        pytest.param(2, id="two chips", marks=pytest.mark.release),
        pytest.param(len(CHIPS), id="all chips", marks=pytest.mark.release),
    ],
)
def pulls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Floats:
    """Pulls of many couplings, one per row, with the faster qubit as the control."""
    found: list[list[float] | None] = []
    for device, seed in CHIPS[: request.param]:
        laboratory = with_drag(Laboratory(tmp_path_factory.mktemp(device), load_device(device), seed))
        for name in laboratory.let_faster_control():
            found.append(pulls_of(laboratory, name))
    described = np.array([each for each in found if each is not None])
    assert len(described) >= LEAST[request.param - 1]
    return described


@each_case("name", NAMES)
def test_the_truth_is_within_the_error_of_every_coefficient(pulls: Floats, name: str) -> None:
    found = pulls[:, NAMES.index(name)]
    # Normal errors: 95.4 % within two; three binomial standard deviations are allowed.
    assert np.mean(np.abs(found) < 2) > 0.954 - 3 * np.sqrt(0.954 * 0.046 / found.size)
    # The mean deviation is below a third of an error, plus three standard errors of the mean.
    assert abs(np.mean(np.clip(found, -5, 5))) < 0.3 + 3 / np.sqrt(found.size)
