"""IQ planes of a twin, and its refusals of requests for single shots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.backend import FakeBackend
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.pair_requests import ReadoutReferences
from qdash_tasks.laboratory.requests import ReadoutScan, SingleShots
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import ShotRecord, Trace

from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request

SHOTS = Shots(count=4096)
SCAN = ReadoutScan(np.full(200, 6.9), state=0)


def bench(path: Path, **options: object) -> Laboratory:
    """Return two coupled qubits with these options."""
    table = make_table({"frequency_ghz": 5.1}, {"frequency_ghz": 5.0}, couplings=(("0", "1"),))
    return Laboratory(path, table, 1, options=options)


def asked(laboratory: Laboratory, target: str, *requests: Request) -> Sequence[Answer]:
    """Measure requests in one call."""
    answers = laboratory.backend.laboratory.measure({target: requests}, SHOTS)[target]
    assert not isinstance(answers, Exception)
    return answers


def scan(laboratory: Laboratory, qid: str = "0") -> Trace:
    """Return the readout of a scan with many equal points."""
    (answer,) = asked(laboratory, qid, SCAN)
    assert isinstance(answer, Trace)
    return answer


def turn_rad(of: NDArray[np.complex128], against: NDArray[np.complex128]) -> float:
    """Return the angle between two means."""
    return float(np.angle(of.mean() / against.mean()))


def test_a_plane_is_scaled_and_rotated_with_its_noise(tmp_path: Path) -> None:
    usual, other = scan(bench(tmp_path / "a")), scan(bench(tmp_path / "b", iq="250@-40"))
    factor = 250 * np.exp(-1j * np.radians(40))
    # The same shots of the same random stream: only the directions of their noise differ.
    assert np.abs(other.iq.mean() / usual.iq.mean() - factor) < 0.01 * 250
    assert other.iq.std() / usual.iq.std() == pytest.approx(250, rel=0.2)
    assert np.abs(other.sigma).mean() / np.abs(usual.sigma).mean() == pytest.approx(250, rel=0.01)


def test_every_call_turns_the_plane_of_each_qubit_by_itself(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, plane_turns=20.0)
    turns = np.degrees(
        [[turn_rad(scan(laboratory, q).iq, scan(laboratory, q).iq) for _ in range(40)] for q in "01"]
    )
    # Differences of two angles; the standard deviation of 40 has an error of 11 %.
    assert turns.std(axis=1) == pytest.approx(20 * np.sqrt(2), rel=0.45)
    assert np.abs(np.corrcoef(turns)[0, 1]) < 0.6


def test_one_call_has_one_plane(tmp_path: Path) -> None:
    pair = ReadoutReferences("0", "1")
    first, last = asked(bench(tmp_path, plane_turns=60.0), "0-1", pair, pair)
    assert isinstance(first, Trace)
    assert isinstance(last, Trace)
    assert np.abs(first.iq - last.iq).max() < 5 * np.abs(first.sigma).max()


def test_a_turn_repeats_with_the_session(tmp_path: Path) -> None:
    one, same = (scan(bench(tmp_path / name, plane_turns=60.0)).iq for name in "ab")
    assert np.array_equal(one, same)


def test_where_means_are_kept_single_shots_are_not_offered(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, keeps="mean")
    offers = FakeBackend.offers(laboratory.backend.context)
    assert "Rabi" in offers
    assert not {"SingleShots", "JointShots"} & offers
    refused = measure_targets(laboratory.backend.laboratory, {"0": [SingleShots(0)]}, SHOTS)["0"]
    assert isinstance(refused, InvalidInputError)
    assert "needs single shots, which this laboratory does not keep" in str(refused)


def test_where_single_shots_are_kept_everything_is_offered(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, keeps="each")
    assert "JointShots" in FakeBackend.offers(laboratory.backend.context)
    (shots,) = asked(laboratory, "0", SingleShots(0))
    assert isinstance(shots, ShotRecord)


@pytest.mark.parametrize("pulse_level", [False, True])
def test_settings_in_use_stay_on_the_grid(tmp_path: Path, pulse_level: bool) -> None:
    laboratory = bench(tmp_path, grid=4, pulse_level=pulse_level).backend.laboratory
    laboratory.adjust("0", {"pi_length_ns": 30.0})
    laboratory.apply("1", {"hpi_length": 33.0})
    assert (laboratory.settings["0"].pi_length_ns, laboratory.settings["1"].hpi_length_ns) == (32.0, 36.0)


def test_noise_known_from_blocks_is_right_in_the_mean(tmp_path: Path) -> None:
    usual, known = scan(bench(tmp_path / "a")), scan(bench(tmp_path / "b", keeps="mean"))
    assert np.array_equal(usual.iq, known.iq)
    for part in (np.real, np.imag):
        variance, true = part(known.sigma) ** 2, part(usual.sigma) ** 2
        # Nine degrees of freedom: relative spread sqrt(2 / 9), of the mean of 200 a fourteenth of that.
        assert (variance / true).mean() == pytest.approx(1, abs=0.15)
        assert (variance / true).std() == pytest.approx(np.sqrt(2 / 9), rel=0.3)
    assert known.covariance.mean() == pytest.approx(
        usual.covariance.mean(), abs=(np.abs(usual.sigma) ** 2).mean() / 10
    )
