"""Readout frequency, readout amplitude and classification: pooled over qubits against the truth, and
refusals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, BackendError, InvalidInputError
from qdash_core.tasks.base import TaskOutput
from qdash_fake.devices import load_device
from qdash_fake.physics.draw import draw_chip
from qdash_fake.truth import compute_true_parameters, list_dead_qubits
from qdash_tasks.laboratory.requests import ReadoutScan, SingleShots
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.tasks import CheckOptimalReadoutAmplitude, CheckReadoutFrequency, ReadoutClassification

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory
from .twin_requests import asked, asked_shots
from .twin_requests import calibrated as with_settings

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.laboratory import TwinLaboratory
    from qdash_fake.physics.chip import ChipTruth

READOUT_TASKS = (CheckReadoutFrequency, CheckOptimalReadoutAmplitude, ReadoutClassification)
CHIPS = (("jakarta", 24), ("guadalupe", 22), ("jakarta", 23))

Pulls = dict[str, list[float]]


def calibrated(folder: Path, device: str, seed: int) -> Laboratory:
    return Laboratory(folder, load_device(device), seed).calibrate_perfectly()


SOME = 2
"""Number of qubits of the first chip for a test without a whole chip."""


def in_use(laboratory: Laboratory) -> dict[str, dict[str, tuple[float, str]]]:
    """Return the true values at the settings of the session."""
    return compute_true_parameters(laboratory.chip, laboratory.backend.laboratory.settings)["qubits"]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(0, id="some qubits"),
        pytest.param(1, id="one chip", marks=pytest.mark.slow),
        pytest.param(len(CHIPS), id="all chips", marks=pytest.mark.release),
    ],
)
def outcome(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Pulls, dict[str, list[float]]]:
    """Pulls by parameter, and the laboratory times of the first and the second round by task."""
    pulls: Pulls = defaultdict(list)
    spent: dict[str, list[float]] = defaultdict(list)
    for device, seed in CHIPS[: request.param or 1]:
        laboratory = calibrated(tmp_path_factory.mktemp("home"), device, seed)
        session = laboratory.backend.laboratory
        qids = list(laboratory.chip.qubits)[: None if request.param else SOME]
        for task in (*READOUT_TASKS, *READOUT_TASKS):
            truth, before = {qid: laboratory.truth_of(qid) for qid in qids}, session.lab_seconds
            for qid, found in laboratory.run_group(task, qids).items():
                assert isinstance(found, TaskOutput), found
                for name, parameter in found.parameters.items():
                    assert parameter.error is not None
                    pulls[name].append((parameter.value - truth[qid][name][0]) / parameter.error)
            spent[task.name].append(session.lab_seconds - before)
    return pulls, spent


@each_case(
    "name",
    [
        "readout_frequency",
        "dispersive_shift",
        "readout_amplitude",
        "average_readout_fidelity",
        "readout_fidelity_0",
        "readout_fidelity_1",
    ],
)
def test_estimates_and_errors_of_all_qubits_hold_the_truth(
    outcome: tuple[Pulls, dict[str, list[float]]], name: str
) -> None:
    pulls = np.abs(outcome[0][name])
    n = pulls.size
    assert n in (2 * SOME, 2 * 7, 2 * 30)
    # Normal errors: 95.4 % within two sigma, 68.3 % within one; 3.5 binomial standard deviations are allowed.
    assert np.mean(pulls < 2) > 0.954 - 3.5 * math.sqrt(0.954 * 0.046 / n)
    assert abs(np.mean(pulls < 1) - 0.683) < 3.5 * math.sqrt(0.683 * 0.317 / n)
    assert pulls.max() < 5


@pytest.mark.parametrize("task", READOUT_TASKS[:2], ids=lambda task: task.name)
def test_a_second_round_takes_less_laboratory_time(
    outcome: tuple[Pulls, dict[str, list[float]]], task: type[CheckReadoutFrequency]
) -> None:
    spent = np.array(outcome[1][task.name]).reshape(-1, 2)
    assert (spent[:, 1] < 0.9 * spent[:, 0]).all()


def test_the_best_probe_is_where_both_states_lie_farthest_apart() -> None:
    """This holds with internal loss and asymmetry as well: the truth is compared with a search on a fine
    grid.
    """
    for qubit in draw_chip(load_device("guadalupe"), 3).qubits.values():
        resonator = qubit.resonator
        probe = resonator.best_probe_ghz + np.linspace(-5, 5, 2001) * 1e-3
        zero, one = (resonator.transmission(probe, excited=state) for state in (False, True))
        distance = np.abs(one - zero)
        # A shift of one linewidth makes a flat optimum, so the frequencies differ by more than the distances of the clouds.
        assert distance[1000] == pytest.approx(distance.max(), rel=1e-9)


def test_the_best_amplitude_is_where_the_fidelity_is_highest(tmp_path: Path) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 5)
    session = laboratory.backend.laboratory
    best = {qid: laboratory.truth_of(qid)["readout_amplitude"][0] for qid in ("0", "1", "2")}
    top: dict[float, dict[str, float]] = {}
    for factor in (0.9, 1.0, 1.1):
        for qid, amplitude in best.items():
            session.adjust(qid, {"readout_amplitude": factor * amplitude})
        top[factor] = {qid: laboratory.truth_of(qid)["average_readout_fidelity"][0] for qid in best}
    assert all(top[1.0][qid] > max(top[0.9][qid], top[1.1][qid]) for qid in best)


@pytest.fixture
def probed() -> tuple[TwinLaboratory, ChipTruth]:
    chip = draw_chip(make_table({}), 1)
    return with_settings(chip), chip


def wrong_answers(laboratory: TwinLaboratory, amplitude: float) -> tuple[float, float]:
    """Return p(1|0) and p(0|1) at the threshold midway between the clouds."""
    zero, one = (
        asked_shots(laboratory, {"0": SingleShots(state, amplitude)}, Shots(count=200_000, reset="active"))[
            "0"
        ]
        for state in (0, 1)
    )
    axis = one.mean() - zero.mean()
    middle = (one.mean() + zero.mean()) / 2
    return tuple(
        float(np.mean(sign * ((shots - middle) * np.conj(axis)).real > 0))
        for sign, shots in ((1, zero), (-1, one))
    )  # type: ignore[return-value]


def test_weak_probes_do_not_tell_and_strong_ones_disturb(probed: tuple[TwinLaboratory, ChipTruth]) -> None:
    laboratory, chip = probed
    design = chip.qubits["0"].design.readout_amplitude
    errors = {factor: sum(wrong_answers(laboratory, factor * design)) for factor in (0.2, 1.0, 3.0)}
    assert errors[0.2] > 5 * errors[1.0]
    assert errors[3.0] > 2 * errors[1.0]


def test_both_traces_of_a_readout_spectroscopy_lie_where_the_resonator_is(
    probed: tuple[TwinLaboratory, ChipTruth],
) -> None:
    laboratory, chip = probed
    qubit = chip.qubits["0"]
    x = qubit.resonator.best_probe_ghz + np.linspace(-5, 5, 201) * 1e-3
    for state in (0, 1):
        scan = ReadoutScan(x, state, amplitude=0.05)
        trace = asked(laboratory, {"0": scan}, Shots(count=10**8, reset="active"))
        pure = 0.05 * qubit.resonator.transmission(x, excited=bool(state))
        other = 0.05 * qubit.resonator.transmission(x, excited=not state)
        share = np.mean(((trace["0"].iq - pure) / (other - pure)).real[90:111])
        # The residue of the other state: reset, decay and induced transitions, a few per cent.
        assert 0 < share < 0.05


@each_case("task", READOUT_TASKS, ids=lambda task: task.name)
def test_a_dead_readout_is_refused(tmp_path: Path, task: type[CheckReadoutFrequency]) -> None:
    table = make_table({"p_meas1_prep0": 0.5, "p_meas0_prep1": 0.5})
    laboratory = Laboratory(tmp_path, table, 3).calibrate_perfectly()
    (dead,) = list_dead_qubits(laboratory.chip)
    raw = laboratory.measure(task, dead)
    with pytest.raises(AnalysisError, match="readout is dead"):
        task().postprocess(None, raw)
    assert "No result" in task.figure(raw, TaskOutput({}))["layout"]["title"]["text"]
    assert "readout_amplitude" not in in_use(laboratory)[dead]


@each_case("task", READOUT_TASKS, ids=lambda task: task.name)
def test_a_pulse_that_does_nothing_is_refused(tmp_path: Path, task: type[CheckReadoutFrequency]) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 6)
    laboratory.backend.laboratory.adjust(
        "0",
        {"drive_frequency_ghz": laboratory.backend.laboratory.settings["0"].drive_frequency_ghz + 0.5},
    )
    with pytest.raises(AnalysisError, match=r"pulse (has no effect|does not)"):
        laboratory.run(task, "0")


def test_a_readout_that_moves_every_third_qubit_gets_its_amplitude(tmp_path: Path) -> None:
    """Far above the optimum the fidelity saturates, and the sweep is moved to the observed range."""
    table = make_table(
        {"p_meas1_prep0": 0.35, "p_meas0_prep1": 0.05}, {"p_meas1_prep0": 0.03, "p_meas0_prep1": 0.4}
    )
    laboratory = Laboratory(tmp_path, table, 2).calibrate_perfectly()
    truth = in_use(laboratory)
    for qid in ("0", "1"):
        found = laboratory.run(CheckOptimalReadoutAmplitude, qid).parameters["readout_amplitude"]
        assert found.error is not None
        assert abs(found.value - truth[qid]["readout_amplitude"][0]) < 4 * found.error


def scale_readout_amplitude(laboratory: Laboratory, qid: str, factor: float) -> float:
    """Change the readout amplitude in use, and return it."""
    changed = laboratory.backend.laboratory.settings[qid].readout_amplitude * factor
    laboratory.backend.laboratory.adjust(qid, {"readout_amplitude": changed})
    return changed


def test_more_than_four_times_the_amplitude_in_use_is_never_tried(tmp_path: Path) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 7)
    for qid in ("0", "1"):
        used = scale_readout_amplitude(laboratory, qid, 0.1)
        task = laboratory.prepare(CheckOptimalReadoutAmplitude, qid)
        raw = laboratory.measure(CheckOptimalReadoutAmplitude, qid)
        assert raw["amplitude"].max() <= 4 * used * (1 + 1e-9)
        with pytest.raises(
            AnalysisError,
            match=r"does not fall beyond its noise up to the largest amplitude .*: sweep higher",
        ):
            task.postprocess(None, raw)


@pytest.mark.parametrize("factor", [1.8, pytest.param(3.0, marks=pytest.mark.slow)])
def test_a_lower_amplitude_is_found_by_going_on(tmp_path: Path, factor: float) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 7)
    truth = in_use(laboratory)
    for qid in ("0", "1"):
        scale_readout_amplitude(laboratory, qid, factor)
        found = laboratory.run(CheckOptimalReadoutAmplitude, qid).parameters["readout_amplitude"]
        assert found.error is not None
        assert abs(found.value - truth[qid]["readout_amplitude"][0]) < 4 * found.error


@pytest.mark.parametrize(
    ("task", "asked", "matching"),
    [
        (
            CheckOptimalReadoutAmplitude,
            {"amplitude_range": [0.01, 0.012, 0.014, 0.016, 0.018, 0.02]},
            "sweep higher",
        ),
        (
            CheckOptimalReadoutAmplitude,
            {"shots": 64, "amplitude_range": [0.09, 0.095, 0.1, 0.105, 0.11, 0.115]},
            "more shots",
        ),
    ],
    ids=["too weak", "flat within its noise"],
)
def test_amplitudes_that_do_not_hold_the_best_one_are_refused_with_what_to_do(
    tmp_path: Path, task: type[CheckOptimalReadoutAmplitude], asked: dict[str, Any], matching: str
) -> None:
    with pytest.raises(AnalysisError, match=matching):
        calibrated(tmp_path, "jakarta", 8).run(task, "0", **asked)


def test_an_amplitude_of_zero_is_no_readout(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="above 0"):
        calibrated(tmp_path, "jakarta", 8).measure(
            CheckOptimalReadoutAmplitude, "0", amplitude_range=[0.1 * step for step in range(6)]
        )


def test_frequencies_that_were_asked_for_are_measured_and_no_others(tmp_path: Path) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 8)
    best = laboratory.chip.qubits["0"].resonator.best_probe_ghz
    asked = [best + 1e-4 * step for step in range(-60, 61, 3)]
    raw = laboratory.measure(CheckReadoutFrequency, "0", frequency_range=asked)
    assert list(raw["zero_frequency"]) == list(raw["one_frequency"]) == asked
    with pytest.raises(AnalysisError, match=r"move the window|no resonance|no difference|not determined"):
        laboratory.run(CheckReadoutFrequency, "0", frequency_range=[f + 0.012 for f in asked])


def test_a_cancelled_amplitude_sweep_is_no_result(tmp_path: Path) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 8)
    laboratory.cancelled = True
    with pytest.raises(BackendError, match="cancelled"):
        laboratory.measure(CheckOptimalReadoutAmplitude, "0")


@each_case("task", READOUT_TASKS, ids=lambda task: task.name)
def test_the_figure_shows_data_and_what_was_fitted(tmp_path: Path, task: type[CheckReadoutFrequency]) -> None:
    laboratory = calibrated(tmp_path, "jakarta", 8)
    raw = laboratory.measure(task, "0")
    output = task().postprocess(None, raw)
    drawn = task.figure(raw, output)
    names = {trace["name"] for trace in drawn["data"]}
    wanted = {
        CheckReadoutFrequency: {"Prepared in |0⟩", "Prepared in |1⟩", "Distance", "Fit, Distance"},
        CheckOptimalReadoutAmplitude: {"Measured", "Fit"},
        ReadoutClassification: {"Prepared in |0⟩", "Prepared in |1⟩", "Threshold"},
    }
    assert wanted[task] <= names
    box = drawn["layout"]["annotations"][-1]["text"]
    assert all(name in box for name in output.parameters)


def test_shots_are_drawn_by_prepared_state_with_the_line_between_them(tmp_path: Path) -> None:
    raw = calibrated(tmp_path, "jakarta", 8).measure(ReadoutClassification, "0")
    output = ReadoutClassification().postprocess(None, raw)
    for drawn in (ReadoutClassification.figure(raw, output), ReadoutClassification.sketch(raw, output)):
        zero, one, threshold = drawn["data"]
        assert zero["marker"]["color"] != one["marker"]["color"]
        start, end = (complex(threshold["x"][place], threshold["y"][place]) for place in (0, 1))
        sides = [
            np.sign(np.imag((np.array(cloud["x"]) + 1j * np.array(cloud["y"]) - start) / (end - start)))
            for cloud in (zero, one)
        ]
        assert np.mean(sides[0] == np.sign(sides[0].sum())) > 0.9
        assert np.sign(sides[0].sum()) == -np.sign(sides[1].sum())
        assert drawn["layout"]["yaxis"]["scaleanchor"] == "x"
