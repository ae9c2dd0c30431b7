"""Resonator and qubit spectroscopy: f01 is confirmed by its own f02/2, and known values shorten the search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_fake.devices import load_device
from qdash_tasks.programs import two_photon
from qdash_tasks.programs.projection import fit_signal
from qdash_tasks.tasks import CheckQubitSpectroscopy, CheckReadoutFrequency, CheckResonatorSpectroscopy

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory, bench_with

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_analysis.result import FitResult
    from qdash_core.tasks.base import BaseTask


def measured_at(laboratory: Laboratory, design_ghz: float) -> RawData:
    """Measure qubit 0 with perfect readout and another design frequency."""
    laboratory.redesign("0", qubit_frequency=design_ghz)
    task: Any = laboratory.prepare(CheckQubitSpectroscopy, "0")
    raw: RawData = task.run(bench_with(laboratory.chip, "0"))
    return raw


# --- f01 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chips", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_f01_and_anharmonicity_are_right_within_their_errors(tmp_path: Path, chips: int) -> None:
    pulls: dict[str, list[float]] = {"qubit_frequency": [], "anharmonicity": []}
    for seed in range(chips):
        laboratory = Laboratory(tmp_path / str(seed), load_device("jakarta"), seed).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            found = laboratory.run(CheckQubitSpectroscopy, qid).parameters
            for name, true in (
                ("qubit_frequency", qubit.frequency_ghz),
                ("anharmonicity", qubit.anharmonicity_ghz),
            ):
                pulls[name].append((found[name].value - true) / found[name].error)
    # 7 or 42 pulls of width one: the mean of 42 scatters by 0.15, their standard deviation by 0.11.
    for found_pulls in pulls.values():
        assert np.abs(found_pulls).max() < 5
        assert abs(np.mean(found_pulls)) < 0.6
        assert 0.6 < np.std(found_pulls) < 1.5


def test_what_was_proved_stays_proved_when_the_last_fit_doubts_the_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    raw = laboratory.measure(CheckQubitSpectroscopy, "0")

    def doubtful(fit: Any, signal: Any) -> FitResult:
        found = fit_signal(fit, signal)
        width = found.parameters["linewidth"]
        return replace(found, parameters={**found.parameters, "linewidth": replace(width, error=width.value)})

    monkeypatch.setattr(two_photon, "fit_signal", doubtful)
    assert "anharmonicity" in CheckQubitSpectroscopy().postprocess(None, raw).parameters


def test_the_note_says_what_proved_it(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    note = laboratory.run(CheckQubitSpectroscopy, "0").note
    assert note["photons"] == pytest.approx(2, abs=0.3)
    assert note["two_photon_frequency_ghz"] == pytest.approx(5.0 - 0.165, abs=1e-3)
    assert "f02/2" in note["proof"]


@each_case("seed", range(3))
def test_a_neighbours_line_alone_is_never_taken_for_f01(tmp_path: Path, seed: int) -> None:
    # The true qubit is half a gigahertz away: the windows contain only lines of neighbours.
    table = make_table(
        {"frequency_ghz": 5.5},
        {"frequency_ghz": 5.0},
        {"frequency_ghz": 4.84},
        couplings=(("0", "1"), ("0", "2")),
    )
    laboratory = Laboratory(tmp_path, table, seed)
    raw = measured_at(laboratory, 4.95)
    with pytest.raises(AnalysisError):
        CheckQubitSpectroscopy().postprocess(None, raw)


@each_case("seed", range(4))
def test_f02_half_alone_is_never_taken_for_f01(tmp_path: Path, seed: int) -> None:
    laboratory = Laboratory(tmp_path, make_table({"frequency_ghz": 5.0, "anharmonicity_ghz": -0.3}), seed)
    raw = measured_at(laboratory, 4.6)
    with pytest.raises(AnalysisError):
        CheckQubitSpectroscopy().postprocess(None, raw)


@pytest.mark.parametrize("offset_ghz", [-0.15, 0.15])
def test_a_qubit_far_off_its_design_is_found(tmp_path: Path, offset_ghz: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2)
    raw = measured_at(laboratory, 5.0 - offset_ghz)
    found = CheckQubitSpectroscopy().postprocess(None, raw).parameters["qubit_frequency"]
    assert found.value == pytest.approx(5.0, abs=5 * (found.error or 0.0))


@pytest.mark.parametrize(
    ("device", "qubits"), [("jakarta", 3), pytest.param("guadalupe", 16, marks=pytest.mark.slow)]
)
def test_a_wandering_gain_and_a_sloping_background_hide_no_line(
    tmp_path: Path, device: str, qubits: int
) -> None:
    laboratory = Laboratory(
        tmp_path, load_device(device), 1, options={"model-mismatch": 1.0}
    ).calibrate_perfectly()
    for qid, qubit in list(laboratory.chip.qubits.items())[:qubits]:
        found = laboratory.run(CheckQubitSpectroscopy, qid).parameters["qubit_frequency"]
        assert found.value == pytest.approx(qubit.frequency_ghz, abs=1e-4)


def test_a_window_that_does_not_hold_the_qubit_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    raw = laboratory.measure(CheckQubitSpectroscopy, "0", frequency_range=list(np.linspace(5.02, 5.03, 61)))
    with pytest.raises(AnalysisError):
        CheckQubitSpectroscopy().postprocess(None, raw)


# --- what is known ---------------------------------------------------------------------------------------------------


def test_a_second_run_looks_where_the_first_found_it(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 3).calibrate_perfectly()
    first = laboratory.run(CheckQubitSpectroscopy, "0").parameters
    spent = laboratory.backend.laboratory.lab_seconds
    laboratory.values["0"] = dict(first)
    raw = laboratory.measure(CheckQubitSpectroscopy, "0")
    assert laboratory.backend.laboratory.lab_seconds - spent < 0.6 * spent
    assert "wide_iq" not in raw.arrays
    again = CheckQubitSpectroscopy().postprocess(None, raw).parameters
    assert again["qubit_frequency"].value == pytest.approx(5.0, abs=5e-5)
    assert again["anharmonicity"].value == pytest.approx(-0.33, abs=2e-4)


@each_case(("name", "wrong"), [("qubit_frequency", 5.02), ("anharmonicity", -0.29), ("anharmonicity", -0.4)])
def test_what_is_no_longer_so_leads_back_to_the_search(tmp_path: Path, name: str, wrong: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 3).calibrate_perfectly()
    right = {"qubit_frequency": 5.0, "anharmonicity": -0.33}
    laboratory.values["0"] = {
        key: Parameter(value, None, "GHz") for key, value in (right | {name: wrong}).items()
    }
    found = laboratory.run(CheckQubitSpectroscopy, "0").parameters
    for key, value in right.items():
        assert found[key].value == pytest.approx(value, abs=5 * (found[key].error or 0.0))


@pytest.mark.parametrize("away", [0.03, -0.04])
def test_near_a_starting_value_the_search_is_wide(tmp_path: Path, away: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 3).calibrate_perfectly()
    laboratory.redesign("0", qubit_frequency=5.6)
    laboratory.values["0"] = {"qubit_frequency": Parameter(5.0 + away, 1e-5, "GHz")}
    with pytest.raises(AnalysisError):
        laboratory.run(CheckQubitSpectroscopy, "0")
    laboratory.starting = {"qubit_frequency"}
    raw = laboratory.measure(CheckQubitSpectroscopy, "0")
    assert np.ptp(raw["wide_frequency"]) == pytest.approx(0.1)
    found = CheckQubitSpectroscopy().postprocess(None, raw).parameters["qubit_frequency"]
    assert found.value == pytest.approx(5.0, abs=5 * (found.error or 0.0))


@each_case("wrong", [4.9, 99.0])
def test_a_wrong_starting_value_leads_back_to_the_design(tmp_path: Path, wrong: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 3).calibrate_perfectly()
    laboratory.values["0"] = {"qubit_frequency": Parameter(wrong, 1e-5, "GHz")}
    laboratory.starting = {"qubit_frequency"}
    found = laboratory.run(CheckQubitSpectroscopy, "0").parameters["qubit_frequency"]
    assert found.value == pytest.approx(5.0, abs=5 * (found.error or 0.0))


@each_case(("away", "redesigned"), [(0.01, 0.25), (0.2, 0.0), (90.0, 0.0)])
def test_a_resonator_is_searched_widely_near_a_starting_value_and_then_near_the_design(
    tmp_path: Path, away: float, redesigned: float
) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    true = laboratory.chip.qubits["0"].resonator.frequency_ghz
    laboratory.redesign("0", resonator_frequency=laboratory.design["0"]["resonator_frequency"] + redesigned)
    laboratory.values["0"] = {"resonator_frequency": Parameter(true + away, 1e-5, "GHz")}
    laboratory.starting = {"resonator_frequency"}
    found = laboratory.run(CheckResonatorSpectroscopy, "0").parameters["resonator_frequency"]
    assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


def test_a_known_resonator_needs_no_wide_scan(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    first = laboratory.run(CheckResonatorSpectroscopy, "0").parameters["resonator_frequency"]
    spent = laboratory.backend.laboratory.lab_seconds
    laboratory.values["0"] = {"resonator_frequency": first}
    raw = laboratory.measure(CheckResonatorSpectroscopy, "0")
    assert laboratory.backend.laboratory.lab_seconds - spent < 0.6 * spent
    assert "wide_iq" not in raw.arrays


def test_a_resonator_that_is_no_longer_there_is_searched(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 5)
    true = laboratory.chip.qubits["0"].resonator.frequency_ghz
    laboratory.values["0"] = {"resonator_frequency": Parameter(true + 0.03, None, "GHz")}
    found = laboratory.run(CheckResonatorSpectroscopy, "0").parameters["resonator_frequency"]
    assert found.value == pytest.approx(true, abs=5 * (found.error or 0.0))


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("iq-reflection", "0@0"),
        ("iq-offset", "0:0.05@0"),
        ("iq-offset", "0:0.05:3@0"),
        pytest.param("iq-offset", "0:0.05:0.5@0", marks=pytest.mark.slow),
        pytest.param("iq-offset", "0:0.05:15@0", marks=pytest.mark.slow),
    ],
)
@each_case("task", [CheckResonatorSpectroscopy, CheckReadoutFrequency], ids=lambda task: task.name)
def test_a_resonator_is_found_in_a_reflected_plane_and_beside_an_offset(
    tmp_path: Path, task: type[BaseTask], fault: str, text: str
) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 5, options={fault: text}).calibrate_perfectly()
    line = laboratory.chip.qubits["0"].resonator
    true = line.frequency_ghz if task is CheckResonatorSpectroscopy else line.best_probe_ghz
    output = laboratory.run(task, "0")
    found = output.parameters[
        "resonator_frequency" if task is CheckResonatorSpectroscopy else "readout_frequency"
    ]
    assert found.error is not None
    assert abs(found.value - true) < 4 * found.error
    if task is CheckResonatorSpectroscopy:
        assert ("conjugate" in output.note["seen"]) == (fault == "iq-reflection")


def test_points_are_measured_in_a_random_order_and_kept_in_that_of_the_sweep(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 5)
    asked = []
    measure = laboratory.backend.laboratory.measure

    def note(requests: Any, shots: Any) -> Any:
        asked.append(requests["0"][0].x)
        return measure(requests, shots)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(laboratory.backend.laboratory), "measure", lambda _, *given: note(*given))
        raw = laboratory.measure(CheckResonatorSpectroscopy, "0")
    assert (np.diff(asked[-1]) < 0).mean() > 0.3
    assert (np.diff(raw["fine_frequency"]) > 0).all()
    assert np.array_equal(asked[-1][raw["fine_order"]], raw["fine_frequency"])


@each_case("rate", [0.15, 1.0, 3.0])
def test_an_offset_that_changes_is_scatter_and_in_the_error(tmp_path: Path, rate: float) -> None:
    """A quarter of the tone of the probe; each qubit and each scan has another order."""
    draws = 6
    table = make_table(*({},) * draws)
    fault = ",".join(f"{qid}:0.05:{rate * (1 + 0.02 * qid)}@0" for qid in range(draws))
    laboratory = Laboratory(tmp_path, table, 5, options={"iq-offset": fault}).calibrate_perfectly()
    pulls = []
    for qid in map(str, range(draws)):
        found = laboratory.run(CheckResonatorSpectroscopy, qid).parameters["resonator_frequency"]
        assert found.error is not None
        pulls.append((found.value - laboratory.chip.qubits[qid].resonator.frequency_ghz) / found.error)
    assert np.abs(pulls).max() < 4
    assert np.sqrt(np.mean(np.square(pulls))) < 2


def test_noise_is_not_said_to_be_a_reflected_plane(tmp_path: Path) -> None:
    raw = Laboratory(tmp_path, load_device("jakarta"), 5).measure(CheckResonatorSpectroscopy, "0")
    rng = np.random.default_rng(1)
    noise = {
        name: (
            rng.normal(size=(2, *raw[name].shape)).T @ [1, 1j] if name.endswith("_iq") else raw[name],
            unit,
        )
        for name, (_, unit) in raw.arrays.items()
    }
    with pytest.raises(AnalysisError) as refused:
        CheckResonatorSpectroscopy().postprocess(None, RawData(noise, raw.attributes))
    assert "conjugate" not in str(refused.value)


# --- figure ----------------------------------------------------------------------------------------------------------


def test_the_figure_shows_both_lines_with_their_residuals(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 3).calibrate_perfectly()
    raw = laboratory.measure(CheckQubitSpectroscopy, "0")
    drawn = CheckQubitSpectroscopy.figure(raw, CheckQubitSpectroscopy().postprocess(None, raw))
    names = [trace["name"] for trace in drawn["data"]]
    assert [name for name in names if "f01" in name]
    assert [name for name in names if "f02/2" in name]
    assert sum("Residual" in name for name in names) == 2
