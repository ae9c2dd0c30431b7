"""Twin that violates the fits' models: true values, visible deviations, and wider error bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.mismatch import NONE, draw_wander
from qdash_fake.physics.mismatch_draw import add_mismatch
from qdash_fake.truth import compute_true_parameters
from qdash_tasks.tasks import CheckT1, CheckT2Echo

from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask
    from qdash_fake.devices import DeviceTable
    from qdash_fake.physics.chip import ChipTruth

N_QUBITS = 40


def many() -> DeviceTable:
    return make_table(*({"t1_us": 40.0 + 5 * index} for index in range(N_QUBITS)))


def departing(chip: ChipTruth, strength: float = 1.0) -> ChipTruth:
    return add_mismatch(chip, strength)


def fitted(folder: Path, task: type[BaseTask], strength: float) -> dict[str, np.ndarray]:
    """Return pull, relative error and reduced chi squared of every qubit, measured alone with a perfect
    calibration.
    """
    laboratory = Laboratory(folder, many(), options={"model-mismatch": strength}).calibrate_perfectly()
    true = compute_true_parameters(laboratory.chip)["qubits"]
    rows = []
    for qid in laboratory.chip.qubits:
        try:
            output = laboratory.run(task, qid)
        except AnalysisError:
            continue
        ((name, found),) = output.parameters.items()
        assert found.error is not None
        truth, _ = true[qid][name]
        rows.append(
            ((found.value - truth) / found.error, found.error / truth, output.quality["reduced_chi2"])
        )
    return dict(zip(("pull", "error", "chi2"), np.array(rows).T, strict=True))


# Properties


def test_without_strength_a_chip_follows_the_models(jakarta: ChipTruth) -> None:
    assert add_mismatch(jakarta, 0.0) is jakarta
    assert all(qubit.mismatch == NONE for qubit in jakarta.qubits.values())


@pytest.mark.parametrize("strength", [1.0, 10.0])
def test_1e_times_and_the_mean_frequency_stay_what_the_table_says(
    jakarta: ChipTruth, strength: float
) -> None:
    for qid, qubit in departing(jakarta, strength).qubits.items():
        mean, coherence = jakarta.qubits[qid], qubit.coherence
        assert qubit.frequency_ghz == mean.frequency_ghz
        assert coherence.t1_us == mean.coherence.t1_us
        at_t1, at_t2 = np.array(coherence.t1_us), np.array(coherence.t2_star_us)
        assert coherence.relaxation(at_t1) * math.e == pytest.approx(1)
        assert coherence.free_decay(at_t2) * math.e == pytest.approx(1)
        assert coherence.t2_star_us < mean.coherence.t2_star_us


def test_relaxation_is_faster_at_first_and_slower_later(jakarta: ChipTruth) -> None:
    coherence = departing(jakarta).qubits["0"].coherence
    early, late = coherence.relaxation(coherence.t1_us * np.array([0.2, 3.0]))
    assert early < math.exp(-0.2)
    assert late > math.exp(-3.0)


def test_parities_beat_in_a_ramsey_and_not_in_an_echo(jakarta: ChipTruth) -> None:
    coherence = departing(jakarta).qubits["0"].coherence
    node = np.array([0.25 / coherence.mismatch.parity_mhz])
    assert coherence.free_decay(node) == pytest.approx(0, abs=1e-9)
    assert coherence.echo_decay(node) == jakarta.qubits["0"].coherence.echo_decay(node)


def test_a_long_pulse_begins_too_strong_and_settles(jakarta: ChipTruth) -> None:
    mismatch = departing(jakarta).qubits["0"].mismatch
    turned = mismatch.apply_droop(np.array([0.0, 1.0, 1000.0, 1001.0]))
    assert turned[0] == 0
    assert turned[1] == pytest.approx(1 + mismatch.droop, rel=1e-3)
    assert turned[3] - turned[2] == pytest.approx(1)


def test_a_wave_along_a_sweep_has_the_size_that_was_asked_for() -> None:
    waves = np.array([draw_wander(101, np.random.default_rng(seed)) for seed in range(400)])
    assert np.std(waves) == pytest.approx(1, rel=0.1)
    assert np.abs(np.diff(waves)).mean() < 0.15


def test_strength_scales_what_is_drawn() -> None:
    chip = draw_chip(make_table({}), 4)
    one, two = (departing(chip, strength).qubits["0"].mismatch for strength in (1.0, 2.0))
    for name in ("quasiparticles", "parity_mhz", "wander", "tilt_per_mhz", "background_per_ghz", "droop"):
        assert getattr(two, name) == pytest.approx(2 * getattr(one, name))


# Effects on results


@pytest.mark.slow
def test_error_bars_widen_and_keep_covering_the_truth(tmp_path: Path) -> None:
    straight, bent = fitted(tmp_path / "0", CheckT1, 0.0), fitted(tmp_path / "1", CheckT1, 1.0)
    # Where the data show a second decay the trace is refused.
    assert bent["pull"].size < straight["pull"].size == N_QUBITS
    assert np.median(bent["error"]) > 1.5 * np.median(straight["error"])
    # 95 % of 40, less twice the binomial scatter of 3.4 %.
    assert np.mean(abs(straight["pull"]) < 2) >= 0.87
    assert np.mean(abs(bent["pull"]) < 5) >= 0.95


@pytest.mark.slow
def test_an_echo_sees_the_gain_only_and_stays_honest(tmp_path: Path) -> None:
    bent = fitted(tmp_path, CheckT2Echo, 1.0)
    assert np.mean(abs(bent["pull"]) < 2) >= 0.87
