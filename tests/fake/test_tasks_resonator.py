"""Tasks on the readout line without and with driven qubits: pooled over qubits against the truth, choices and
refusals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import ChipView, TaskOutput
from qdash_fake.devices import load_device
from qdash_fake.physics.draw import draw_chip
from qdash_fake.readout_truth import compute_snr_amplitude
from qdash_fake.truth import compute_ideal_settings
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.tasks import (
    CheckDispersiveShift,
    CheckElectricalDelay,
    CheckOptimalReadoutFrequency,
    CheckReadoutAmplitude,
    CheckReadoutFrequency,
    CheckReflectionCoefficient,
    CheckResonatorFrequencies,
    CheckResonatorSpectroscopy,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory, bench_with

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

TASKS: tuple[type[BaseTask], ...] = (
    CheckResonatorFrequencies,
    CheckReflectionCoefficient,
    CheckElectricalDelay,
    CheckOptimalReadoutFrequency,
    CheckDispersiveShift,
    CheckReadoutAmplitude,
)
DEVICES = ("jakarta", "guadalupe", "square-lattice-mux-16")
CAUTIOUS = {"CheckResonatorFrequencies", "CheckReflectionCoefficient"}
"""Tasks whose errors contain the pull of an excited qubit, which is usually smaller."""
SOME = 2


def true_values(laboratory: Laboratory, task: type[BaseTask], qid: str) -> dict[str, float]:
    """Return the true values of a task at the settings in use."""
    true = {name: value for name, (value, _) in laboratory.truth_of(qid).items()}
    if task is CheckReadoutAmplitude:
        session = laboratory.backend.laboratory
        repetition = Repetition.from_parameters({}, session.limits.resets)
        amplitude = compute_snr_amplitude(
            laboratory.chip.qubits[qid], session.settings[qid], ratio=1.0, repetition=repetition
        )
        assert amplitude is not None
        true["readout_amplitude"] = amplitude
    return true


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SOME, id="some qubits"),
        pytest.param(7, id="more qubits", marks=pytest.mark.release),
    ],
)
def pulls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[float]]]:
    """Pulls by task and parameter, of qubits of three devices."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, device in enumerate(DEVICES):
        home = tmp_path_factory.mktemp("home")
        laboratory = Laboratory(home, load_device(device), 31 + number).calibrate_perfectly()
        qids = list(laboratory.chip.qubits)[: request.param]
        for task in TASKS:
            true = {qid: true_values(laboratory, task, qid) for qid in qids}
            for qid, outcome in laboratory.run_group(task, qids).items():
                assert isinstance(outcome, TaskOutput), outcome
                for name, parameter in outcome.parameters.items():
                    assert parameter.error is not None
                    pull = (parameter.value - true[qid][name]) / parameter.error
                    found[task.name][name].append(pull)
    return found


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_estimates_and_errors_hold_the_truth(
    pulls: dict[str, dict[str, list[float]]], task: type[BaseTask]
) -> None:
    assert set(pulls[task.name]) == set(task.output_parameters)
    for found in pulls[task.name].values():
        sizes = np.abs(found)
        # Normal errors: 95.4 % within two sigma, 68.3 % within one; 3.5 binomial standard deviations are allowed.
        assert np.mean(sizes < 2) > 0.954 - 3.5 * math.sqrt(0.954 * 0.046 / sizes.size)
        within_one = np.mean(sizes < 1)
        assert within_one > 0.683 - 3.5 * math.sqrt(0.683 * 0.317 / sizes.size)
        if task.name not in CAUTIOUS:
            assert within_one < 0.683 + 3.5 * math.sqrt(0.683 * 0.317 / sizes.size)
        assert sizes.max() < 5


# --- resonances of a feed line ---------------------------------------------------------------------------------------


@pytest.fixture
def shared(tmp_path: Path) -> Laboratory:
    """Sixteen qubits on four feed lines."""
    device = load_device("square-lattice-mux-16")
    return Laboratory(tmp_path, device, 5, options={"shared-feed-lines": True})


def on_lattice(laboratory: Laboratory, task: BaseTask) -> BaseTask:
    """Give a task the topology with multiplexers, as the engine does."""
    task.context = replace(task.context, chip=ChipView("chip", "fake", laboratory.table.layout))
    return task


def test_every_resonance_of_a_shared_line_is_listed(shared: Laboratory) -> None:
    sweep = [6.78 + 1e-3 * step for step in range(640)]
    line = [shared.chip.qubits[qid].resonator.frequency_ghz for qid in ("4", "5", "6", "7")]
    for qid, true in zip(("4", "5", "6", "7"), line, strict=True):
        output = shared.run(CheckResonatorFrequencies, qid, frequency_range=sweep)
        assert output.note["lines_ghz"] == pytest.approx(sorted(line), abs=2e-3)
        found = output.parameters["coarse_resonator_frequency"]
        assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


def test_positions_choose_the_resonance_without_a_design(shared: Laboratory) -> None:
    sweep = [6.78 + 1e-3 * step for step in range(640)]
    line = [shared.chip.qubits[qid].resonator.frequency_ghz for qid in ("4", "5", "6", "7")]
    positions = [sorted(line).index(one) for one in line]
    shared.design = {}
    for qid, true in zip(("4", "5", "6", "7"), line, strict=True):
        task = shared.prepare(CheckResonatorFrequencies, qid, frequency_range=sweep, positions=positions)
        raw = on_lattice(shared, task).run(shared.backend)
        found = CheckResonatorFrequencies().postprocess(None, raw).parameters["coarse_resonator_frequency"]
        assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


def test_positions_widen_the_scan_around_the_design_until_all_resonances_are_found(
    shared: Laboratory,
) -> None:
    line = [shared.chip.qubits[qid].resonator.frequency_ghz for qid in ("4", "5", "6", "7")]
    assert max(line) - min(line) > 0.3, "no window around one design contains all"
    positions = [sorted(line).index(one) for one in line]
    for qid, true in zip(("4", "5", "6", "7"), line, strict=True):
        task = shared.prepare(CheckResonatorFrequencies, qid, positions=positions)
        raw = on_lattice(shared, task).run(shared.backend)
        output = CheckResonatorFrequencies().postprocess(None, raw)
        assert output.note["lines_ghz"] == pytest.approx(sorted(line), abs=2e-3)
        found = output.parameters["coarse_resonator_frequency"]
        assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))
        scan = CheckResonatorFrequencies.figure(raw, output)["data"][0]["x"]
        assert list(scan) == sorted(scan)


@each_case(
    ("options", "matching"),
    [
        ({"frequency_range": [6.78 + 1e-3 * step for step in range(640)]}, "give a design or `positions`"),
        ({"frequency_range": [6.5 + 1e-3 * step for step in range(100)]}, "no resonance in the scan"),
        (
            {"frequency_range": [6.78 + 1e-3 * step for step in range(640)], "positions": [1, 0]},
            "4 resonances .* for 2 positions",
        ),
    ],
    ids=["no design", "no line", "other number"],
)
def test_a_resonance_that_cannot_be_told_is_refused_with_what_to_do(
    shared: Laboratory, options: dict[str, list[float]], matching: str
) -> None:
    shared.design = {}
    raw = shared.measure(CheckResonatorFrequencies, "4", **options)
    with pytest.raises(AnalysisError, match=matching):
        CheckResonatorFrequencies().postprocess(None, raw)
    assert "No result" in CheckResonatorFrequencies.figure(raw, TaskOutput({}))["layout"]["title"]["text"]


def test_two_resonances_equally_near_the_design_are_refused(shared: Laboratory) -> None:
    line = sorted(shared.chip.qubits[qid].resonator.frequency_ghz for qid in ("4", "5", "6", "7"))
    shared.redesign("4", resonator_frequency=(line[0] + line[1]) / 2)
    sweep = [6.78 + 1e-3 * step for step in range(640)]
    with pytest.raises(AnalysisError, match="equally near the design"):
        shared.run(CheckResonatorFrequencies, "4", frequency_range=sweep)


def test_positions_that_are_no_order_are_refused(shared: Laboratory) -> None:
    with pytest.raises(InvalidInputError, match="positions"):
        shared.measure(CheckResonatorFrequencies, "4", positions=[1, 1, 2, 0])


def test_a_shared_line_transmits_through_all_resonators_and_a_twin_without_it_through_one(
    tmp_path: Path,
) -> None:
    table = load_device("square-lattice-mux-16")
    alone = create_twin(tmp_path / "alone", table, 3).truth().qubits
    shared = create_twin(tmp_path / "shared", table, 3, {"shared-feed-lines": True}).truth().qubits
    probe = alone["1"].resonator.frequency_ghz
    assert abs(alone["0"].resonator.transmission(probe, excited=False)) > 0.9 * alone["0"].resonator.gain
    assert abs(shared["0"].resonator.transmission(probe, excited=False)) < 0.3 * alone["0"].resonator.gain
    assert alone == draw_chip(table, 3).qubits


def test_qubits_without_known_multiplexers_share_lines_by_four() -> None:
    assert load_device("jakarta").multiplexers == {"0": ("0", "1", "2", "3"), "1": ("4", "5", "6")}


def test_a_coarse_frequency_starts_the_search(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    laboratory.redesign("0", resonator_frequency=7.9)
    true = laboratory.chip.qubits["0"].resonator.frequency_ghz
    laboratory.values["0"] = {"coarse_resonator_frequency": Parameter(true + 1e-3, None, "GHz")}
    for task in (CheckResonatorSpectroscopy, CheckReflectionCoefficient):
        found = laboratory.run(task, "0").parameters["resonator_frequency"]
        assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


def put_beside(
    laboratory: Laboratory, qid: str, apart_ghz: float, *, linewidth_mhz: float = 0.8, internal_q: float = 1e5
) -> float:
    """Put another resonator on the feed line of a qubit; return the frequency of the qubit's own."""
    own = replace(
        laboratory.chip.qubits[qid].resonator,
        linewidth_mhz=linewidth_mhz,
        shift_mhz=-0.75 * linewidth_mhz,
        internal_q=internal_q,
    )
    other = replace(own, frequency_ghz=own.frequency_ghz + apart_ghz)
    bench = bench_with(laboratory.chip, qid, resonator=replace(own, beside=(other,)))
    laboratory.backend = bench  # type: ignore[assignment]
    return own.frequency_ghz


@each_case("task", [CheckResonatorSpectroscopy, CheckReflectionCoefficient, CheckResonatorFrequencies])
@each_case("apart_ghz", [-0.015, 0.008])
def test_of_two_close_resonances_the_one_of_the_design_is_taken(
    tmp_path: Path, task: type[BaseTask], apart_ghz: float
) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    true = put_beside(laboratory, "0", apart_ghz)
    laboratory.redesign("0", resonator_frequency=true + 1e-3)
    (found,) = (
        one for name, one in laboratory.run(task, "0").parameters.items() if "resonator_frequency" in name
    )
    assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


@pytest.mark.parametrize(
    "task",
    [
        CheckResonatorSpectroscopy,
        pytest.param(CheckReflectionCoefficient, marks=pytest.mark.slow),
        CheckResonatorFrequencies,
    ],
)
@pytest.mark.parametrize("apart_ghz", [-0.001, pytest.param(0.001, marks=pytest.mark.slow)])
def test_two_resonances_within_one_linewidth_are_refused(
    tmp_path: Path, task: type[BaseTask], apart_ghz: float
) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    put_beside(laboratory, "0", apart_ghz, linewidth_mhz=2.0, internal_q=5e4)
    raw = laboratory.measure(task, "0")
    with pytest.raises(AnalysisError, match="two resonances"):
        task().postprocess(None, raw)


def test_two_resonances_in_the_search_window_equally_near_the_design_are_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    laboratory.redesign("0", resonator_frequency=put_beside(laboratory, "0", 0.008) + 4e-3)
    for task in (CheckResonatorSpectroscopy, CheckReflectionCoefficient):
        raw = laboratory.measure(task, "0")
        with pytest.raises(AnalysisError, match=r"several resonances .* CheckResonatorFrequencies"):
            task().postprocess(None, raw)


def test_the_resonance_that_the_qubit_moves_is_read(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5).calibrate_perfectly()
    inputs = {name: Parameter(value, None, unit) for name, (value, unit) in laboratory.truth_of("0").items()}
    laboratory.values["0"] = {
        name: inputs[name] for name in CheckOptimalReadoutFrequency.input_parameters if name in inputs
    }
    true = put_beside(laboratory, "0", 0.015) - 0.3e-3
    found = laboratory.run(CheckOptimalReadoutFrequency, "0").parameters["readout_frequency"]
    assert found.value == pytest.approx(true, abs=3e-5)


# --- loss rates ------------------------------------------------------------------------------------------------------


def test_the_geometry_of_the_line_decides_what_is_external(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    raw = laboratory.measure(CheckReflectionCoefficient, "0")
    found = {}
    for geometry in ("auto", "transmission", "reflection"):
        chosen = RawData(raw.arrays, raw.attributes, options={"geometry": geometry})
        found[geometry] = CheckReflectionCoefficient().postprocess(None, chosen).parameters
    assert found["auto"] == found["transmission"]
    external, half = (found[one]["kappa_external"].value for one in ("transmission", "reflection"))
    assert half == pytest.approx(external / 2)


def test_thermal_population_is_part_of_the_error_of_the_loss(tmp_path: Path) -> None:
    errors = []
    for options in ({}, {"no-active-reset": True}):
        laboratory = Laboratory(tmp_path / str(len(options)), load_device("jakarta"), 5, options=options)
        found = laboratory.run(CheckReflectionCoefficient, "0", shots=100_000).parameters["kappa_internal"]
        errors.append(found.error or 0.0)
    assert errors[1] > 2 * errors[0]


@pytest.mark.parametrize("chips", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_gain_drift_is_part_of_the_error_of_the_loss(tmp_path: Path, chips: int) -> None:
    pulls = []
    for seed in range(chips):
        laboratory = Laboratory(
            tmp_path / str(seed), load_device("jakarta"), seed, options={"model-mismatch": 10.0}
        ).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            found = laboratory.run(CheckReflectionCoefficient, qid).parameters["kappa_external"]
            true = qubit.resonator.linewidth_mhz * qubit.resonator.coupled_share
            pulls.append((found.value - true) / (found.error or 0.0))
    assert np.mean(np.abs(pulls) < 2) > 0.954 - 3.5 * math.sqrt(0.954 * 0.046 / len(pulls))


def test_without_a_design_amplitude_the_probe_may_excite_the_qubit_more(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    errors = []
    for design in (laboratory.truth_of("0")["readout_amplitude"][0], 0.0):
        laboratory.redesign("0", readout_amplitude=design)
        found = laboratory.run(CheckReflectionCoefficient, "0", shots=100_000).parameters["kappa_internal"]
        errors.append(found.error or 0.0)
    assert errors[1] > 1.2 * errors[0]


def test_a_probe_that_excites_the_qubit_is_part_of_the_error_of_the_loss(tmp_path: Path) -> None:
    pulls = []
    for seed in range(1):
        laboratory = Laboratory(tmp_path / str(seed), load_device("jakarta"), seed).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            settings, resonator = laboratory.backend.laboratory.settings[qid], qubit.resonator
            laboratory.backend.laboratory.adjust(qid, {"readout_amplitude": 3 * settings.readout_amplitude})
            found = laboratory.run(CheckReflectionCoefficient, qid).parameters["kappa_internal"]
            true = resonator.linewidth_mhz * (1 - resonator.coupled_share)
            pulls.append((found.value - true) / (found.error or 0.0))
    assert np.mean(np.abs(pulls) < 2) > 0.954 - 3.5 * math.sqrt(0.954 * 0.046 / len(pulls))
    assert np.abs(pulls).max() < 4


@each_case("points", [160, 400])
def test_the_note_says_if_no_call_has_room_for_a_scan_without_a_probe(tmp_path: Path, points: int) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    true = laboratory.chip.qubits["0"].resonator.frequency_ghz
    laboratory.values["0"] = {"resonator_frequency": Parameter(true, None, "GHz")}
    laboratory.backend.laboratory.limits = Limits(points_a_call=points)
    raw = laboratory.measure(CheckReflectionCoefficient, "0")
    assert ("silent_before_iq" in raw.arrays) == (points == 400)
    seen = CheckReflectionCoefficient().postprocess(None, raw).note["seen"]
    assert ("an offset of the IQ plane was not measured" in seen) == (points == 160)


# --- delay -----------------------------------------------------------------------------------------------------------


@each_case("delay_ns", [-300.0, 2.0, 900.0, 6000.0, 40_000.0])
def test_a_delay_of_any_length_is_found(tmp_path: Path, delay_ns: float) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    raw = laboratory.measure(CheckElectricalDelay, "0")
    more = delay_ns - laboratory.chip.qubits["0"].resonator.delay_ns
    arrays = dict(raw.arrays)
    for name in ("coarse", "wide"):
        turned = raw[f"{name}_iq"] * np.exp(-2j * np.pi * more * raw[f"{name}_frequency"])
        arrays[f"{name}_iq"] = (turned, "a.u.")
    found = (
        CheckElectricalDelay()
        .postprocess(None, RawData(arrays, raw.attributes))
        .parameters["electrical_delay"]
    )
    assert found.value == pytest.approx(delay_ns, abs=5 * (found.error or 0.0))


# --- readout frequency and shift -------------------------------------------------------------------------------------


@pytest.mark.parametrize("moved_ghz", [-0.02, 0.02])
def test_a_resonator_that_has_moved_is_found_in_the_wide_window(tmp_path: Path, moved_ghz: float) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5).calibrate_perfectly()
    for qid in ("0", "1", "2"):
        true = laboratory.chip.qubits[qid].resonator.best_probe_ghz
        laboratory.backend.laboratory.adjust(qid, {"readout_frequency_ghz": true + moved_ghz})
        found = laboratory.run(CheckOptimalReadoutFrequency, qid).parameters["readout_frequency"]
        assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


def test_a_shift_that_is_not_determined_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qdash_tasks.qubit import readout_frequency

    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5).calibrate_perfectly()
    raw = laboratory.measure(CheckDispersiveShift, "0")
    fit = readout_frequency._fit_raw_data(raw)
    del fit.parameters["dispersive_shift"]
    monkeypatch.setattr(readout_frequency, "_fit_raw_data", lambda _raw: fit)
    with pytest.raises(AnalysisError, match="not determined"):
        CheckDispersiveShift().postprocess(None, raw)


@pytest.mark.parametrize("task", [CheckReadoutFrequency, CheckOptimalReadoutFrequency])
def test_a_line_between_the_points_is_measured_again_closely(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory, errors = Laboratory(tmp_path, load_device("jakarta"), 52), []
    for qid in ("1", "4", "5"):
        qubit = laboratory.chip.qubits[qid]
        narrow = replace(qubit.resonator, linewidth_mhz=0.03, shift_mhz=-0.02, internal_q=3e6)
        bench = bench_with(laboratory.chip, qid, resonator=narrow)
        ideal = compute_ideal_settings(replace(qubit, resonator=narrow)).as_note()
        bench.laboratory.adjust(qid, {name: value for name, value in ideal.items() if value is not None})
        laboratory.backend = bench  # type: ignore[assignment]
        raw = laboratory.measure(task, qid)
        if np.diff(raw["zero_frequency"])[0] > 1e-4:
            continue  # the wide scan has missed the line
        found = task().postprocess(None, raw).parameters["readout_frequency"]
        assert found.value == pytest.approx(narrow.best_probe_ghz, abs=4 * (found.error or 0.0))
        errors.append(found.error)
    assert errors
    assert max(errors) < 3e-7


# --- signal to noise -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.3, 2.0])
def test_the_amplitude_follows_the_requested_ratio(tmp_path: Path, ratio: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    settings = laboratory.backend.laboratory.settings["0"]
    true = compute_snr_amplitude(laboratory.chip.qubits["0"], settings, ratio=ratio)
    found = laboratory.run(CheckReadoutAmplitude, "0", snr_threshold=ratio).parameters["readout_amplitude"]
    assert found.value == pytest.approx(true, abs=4 * (found.error or 0.0))


def test_a_sweep_from_zero_leaves_out_zero(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    sweep = [0.004 * step for step in range(51)]
    raw = laboratory.measure(CheckReadoutAmplitude, "0", amplitude_range=sweep)
    assert list(raw["amplitude"]) == sweep[1:]
    assert CheckReadoutAmplitude().postprocess(None, raw).parameters["readout_amplitude"].error


def test_a_ratio_beyond_full_scale_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    with pytest.raises(AnalysisError, match="the signal reaches only"):
        laboratory.run(CheckReadoutAmplitude, "0", snr_threshold=1000.0)


@each_case("task", TASKS, ids=lambda task: task.name)
def test_the_figure_shows_the_values(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 8).calibrate_perfectly()
    raw = laboratory.measure(task, "0")
    output = task().postprocess(None, raw)
    box = task.figure(raw, output)["layout"]["annotations"][-1]["text"]
    assert all(name in box for name in output.parameters)
    assert task.sketch(raw, output)["data"]
    assert task.figure(raw, TaskOutput({}))["data"]
