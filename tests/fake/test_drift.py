"""Laboratory time of a twin: its clock continues between sessions, and the chip can drift with it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_builtin.metrics.feature import METRICS
from qdash_core.errors import InvalidInputError
from qdash_core.flows.service import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth, compute_truth_as_measured, create_twin_chip
from qdash_fake.comparison import compare
from qdash_fake.folders import twin_folder
from qdash_fake.physics import drift
from qdash_fake.twin import create_twin, load_twin
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Shots

from ..access import access_of
from ..case_tables import each_case
from .conftest import make_table
from .twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.twin import Twin

HOUR_S = 3600.0
DECAY = {"0": Relaxation(np.array([100.0]))}
MANY = Shots(count=10_000)
PARTS = ("frequency_ghz", "coherence", "drive", "readout", "resonator", "active_reset", "mismatch")
DAYS = np.arange(0.0, 60 * 24 * HOUR_S, 3 * HOUR_S)


def twin_at(folder: Path, **options: object) -> Twin:
    return create_twin(folder, make_table({}, {}, couplings=(("0", "1"),)), 3, options)


def course(twin: Twin, qid: str = "0", *, at_s: NDArray[np.float64] = DAYS) -> list[QubitTruth]:
    """Return the qubit at these times, by default every three hours for two months."""
    shown_s = [0.0]
    chip = twin.truth(lambda _qid: shown_s[0])
    found = []
    for time_s in at_s:
        shown_s[0] = time_s
        found.append(chip.qubits[qid])
    return found


# The clock


def test_a_session_advances_the_clock_by_its_laboratory_time(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin")
    for sessions in (1, 2):
        laboratory = twin.open()
        began = laboratory.clock.latest_s
        asked(laboratory, DECAY, MANY)
        assert laboratory.clock.latest_s == began + laboratory.lab_seconds
        laboratory.close()
        assert load_twin(twin.folder).clock_s == pytest.approx(sessions * laboratory.lab_seconds)


def test_a_session_that_is_killed_loses_less_than_a_minute_and_a_measurement(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin")
    laboratory = twin.open()
    while laboratory.lab_seconds < 200:
        asked(laboratory, DECAY, MANY)
    assert load_twin(twin.folder).clock_s > laboratory.lab_seconds - 60 - 3


def test_sessions_side_by_side_never_set_the_clock_back(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin")
    long, short = twin.open(), twin.open()
    asked(long, {"0": Relaxation(np.array([1000.0]))}, MANY)
    asked(short, {"0": Relaxation(np.array([1.0]))}, Shots(count=1))
    long.close()
    short.close()
    assert load_twin(twin.folder).clock_s == long.clock.latest_s
    assert load_twin(twin.folder).sessions == 2


@pytest.mark.slow  # processes that open sessions, as in test_twin.py
def test_processes_that_wait_at_once_all_count(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin")
    script = (
        "import sys, pathlib; from qdash_fake.twin import load_twin; twin = load_twin(pathlib.Path(sys.argv[1]));"
        "[twin.wait(1.0) for _ in range(20)]"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(twin.folder)]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert load_twin(twin.folder).clock_s == 40.0


def test_a_clock_that_cannot_be_written_fails_no_measurement(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    twin = twin_at(tmp_path / "twin")
    laboratory = twin.open()
    (twin.folder / "twin.json").write_text("{", encoding="utf-8")
    assert asked(laboratory, DECAY, Shots(count=1_000_000))["0"].iq.size == 1
    assert "cannot store the laboratory clock" in caplog.text


def test_a_twin_from_before_the_clock_begins_at_zero(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin")
    path = twin.folder / "twin.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({k: v for k, v in document.items() if k != "clock_s"}), encoding="utf-8")
    assert load_twin(twin.folder).clock_s == 0.0


@each_case("clock", [-1.0, "noon", True, float("nan")])
def test_an_impossible_clock_is_refused(tmp_path: Path, clock: object) -> None:
    twin = twin_at(tmp_path / "twin")
    path = twin.folder / "twin.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "clock_s": clock}), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="clock_s"):
        load_twin(twin.folder)


# The drift


def test_without_drift_a_chip_stays_as_it_is(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin")
    assert twin.wait(1000 * HOUR_S).truth() == twin.truth()


def test_the_same_time_shows_the_same_chip(tmp_path: Path) -> None:
    one, two = twin_at(tmp_path / "one", drift=1.0), twin_at(tmp_path / "two", drift=1.0)
    assert one.wait(5 * HOUR_S).truth() == two.wait(2 * HOUR_S).wait(3 * HOUR_S).truth()
    assert one.truth() != load_twin(one.folder).truth()


@pytest.mark.parametrize("size", [1.0, 3.0])
def test_quantities_scatter_about_the_table_as_far_as_is_said(tmp_path: Path, size: float) -> None:
    mean = twin_at(tmp_path / "still").truth().qubits["0"]
    found = course(twin_at(tmp_path / "twin", drift=size))
    frequency = np.array([qubit.frequency_ghz for qubit in found])
    t1 = np.array([qubit.coherence.t1_us for qubit in found])
    drive = np.array([qubit.drive.rabi_per_amplitude_mhz for qubit in found])
    for shifts, spread in (
        (frequency - mean.frequency_ghz, drift.FREQUENCY_SPREAD_GHZ),
        (np.log(t1 / mean.coherence.t1_us), drift.T1_SPREAD),
        (np.log(drive / mean.drive.rabi_per_amplitude_mhz), drift.DRIVE_SPREAD),
    ):
        # Two months contain few periods of the slowest waves: their variance has an error of about a fifth.
        assert np.std(shifts) == pytest.approx(size * spread, rel=0.25)
        assert abs(np.mean(shifts)) < 0.25 * size * spread


def test_drift_is_slow(tmp_path: Path) -> None:
    now = 0.0
    chip = twin_at(tmp_path / "twin", drift=1.0).truth(lambda _qid: now)
    before = chip.qubits["0"].frequency_ghz
    now = 60.0
    # The fastest wave has a period of two hours.
    assert 0 < abs(chip.qubits["0"].frequency_ghz - before) < 0.1 * drift.FREQUENCY_SPREAD_GHZ


def test_the_frequency_jumps_by_a_few_khz_about_once_an_hour(tmp_path: Path) -> None:
    minutes = np.arange(0.0, 100 * HOUR_S, 60.0)
    found = course(twin_at(tmp_path / "twin", drift="frequency=1"), at_s=minutes)
    steps = np.abs(np.diff([qubit.frequency_ghz for qubit in found]))
    jumps = steps > drift.SMALLEST_JUMP_GHZ / 2
    assert 60 < np.count_nonzero(jumps) < 140
    assert drift.SMALLEST_JUMP_GHZ < np.median(steps[jumps]) < drift.LARGEST_JUMP_GHZ
    assert np.ptp(steps[jumps]) < 0.2 * drift.FREQUENCY_SPREAD_GHZ


def test_only_what_is_named_drifts(tmp_path: Path) -> None:
    still = twin_at(tmp_path / "still").truth().qubits["0"]
    for name, parts in (
        ("frequency", {"frequency_ghz"}),
        ("t1", {"coherence", "readout"}),
        ("dephasing", {"coherence"}),
        ("drive", {"drive"}),
        ("readout", {"resonator"}),
    ):
        moved = twin_at(tmp_path / name, drift={name: 1.0}).truth().qubits["0"]
        assert {part for part in PARTS if getattr(moved, part) != getattr(still, part)} == parts


def test_a_quantity_alone_takes_the_course_that_it_takes_with_the_others(tmp_path: Path) -> None:
    alone, all_ = (twin_at(tmp_path / str(size), drift=size).truth().qubits["0"] for size in ("t1=1", "1"))
    assert alone.coherence.t1_us == all_.coherence.t1_us


def test_the_echo_never_outlives_twice_t1(tmp_path: Path) -> None:
    table = make_table({"t1_us": 50.0, "t2_us": 100.0})
    for qubit in course(create_twin(tmp_path / "twin", table, 1, {"drift": 5.0})):
        assert qubit.coherence.t2_echo_us <= 2 * qubit.coherence.t1_us * (1 + 1e-12)


def test_qubits_drift_each_in_its_own_way(tmp_path: Path) -> None:
    twin = twin_at(tmp_path / "twin", drift=1.0)
    series = [[qubit.frequency_ghz for qubit in course(twin, qid)] for qid in ("0", "1")]
    matrix = np.atleast_2d(np.corrcoef(series))
    assert abs(matrix[0, 1]) < 0.5


# Visible effects


def test_the_truth_of_an_accepted_value_is_that_of_its_time(tmp_path: Path) -> None:
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        project_id = qdash.access(DEFAULT_USER).project_id
        create_twin_chip(
            qdash, access_of("admin", project_id), "moving", make_table({}), seed=1, options={"drift": 2.0}
        )
        calibration = CalibService(DEFAULT_USER, "moving", project_id=project_id, qdash=qdash)
        tasks = [
            "CheckResonatorSpectroscopy",
            "CheckQubitSpectroscopy",
            "CheckRabi",
            "CheckRamsey",
            "CheckT1",
        ]
        run_to_end(calibration, QubitTargets(["0"]), [CustomOneQubit(tasks)])
        twin = load_twin(twin_folder(tmp_path, project_id=project_id, chip_id="moving"))
        assert twin.clock_s > 0
        before = compute_truth_as_measured(qdash, access_of("admin", project_id), "moving")
        twin.wait(40 * HOUR_S)
        then = compute_truth_as_measured(qdash, access_of("admin", project_id), "moving")
        assert then["qubits"]["0"]["t1"] == before["qubits"]["0"]["t1"]
        values = qdash.get(METRICS).values(access_of("admin", project_id), "moving")
        pulls = {
            kind: {one.parameter: abs(one.pull) for one in compare(values, truth)}
            for kind, truth in (
                ("then", then),
                ("now", compute_truth(qdash, access_of("admin", project_id), "moving")),
            )
        }
    for name in ("qubit_frequency", "t1"):
        assert pulls["then"][name] < 4
        assert pulls["now"][name] > 4


@pytest.mark.slow
def test_the_truth_of_a_value_of_a_coupling_is_that_of_its_time(tmp_path: Path) -> None:
    table = make_table({"frequency_ghz": 5.1}, {"frequency_ghz": 5.0}, couplings=(("0", "1"),))
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        project_id = qdash.access(DEFAULT_USER).project_id
        create_twin_chip(
            qdash, access_of("admin", project_id), "moving", table, seed=1, options={"drift": 2.0}
        )
        calibration = CalibService(DEFAULT_USER, "moving", project_id=project_id, qdash=qdash)
        steps = qdash.registry.flow("full").steps
        run_to_end(calibration, QubitTargets(["0", "1"]), steps)
        load_twin(twin_folder(tmp_path, project_id=project_id, chip_id="moving")).wait(40 * HOUR_S)
        values = qdash.get(METRICS).values(access_of("admin", project_id), "moving")
        then, now = (
            truth(qdash, access_of("admin", project_id), "moving")["couplings"]["0-1"]
            for truth in (compute_truth_as_measured, compute_truth)
        )
        known = {name: one.parameter for name, one in values.couplings["0-1"].items()}
    measured = ("zx90_gate_fidelity", "bell_state_fidelity", "two_qubit_gate_coherence_limit")
    for name in measured:
        error = known[name].error
        assert error is not None
        assert abs(known[name].value - then[name][0]) < 4 * error
        assert then[name] != now[name]
    # The truth of unmeasured parameters is the present one.
    assert then["best_zx90_gate_fidelity"] == now["best_zx90_gate_fidelity"]


@pytest.mark.slow
def test_the_truth_of_a_value_survives_the_line_that_it_was_measured_with(tmp_path: Path) -> None:
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        project_id = qdash.access(DEFAULT_USER).project_id
        create_twin_chip(
            qdash,
            access_of("admin", project_id),
            "dying",
            make_table({}),
            seed=1,
            options={"dead-line": "0@2"},
        )
        calibration = CalibService(DEFAULT_USER, "dying", project_id=project_id, qdash=qdash)
        tasks = [
            *("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckReadoutFrequency"),
            *("CheckRamsey", "CreateHPIPulse", "CreatePIPulse", "ReadoutClassification", "CheckT1"),
            "X90InterleavedRandomizedBenchmarking",
        ]
        run_to_end(calibration, QubitTargets(["0"]), [CustomOneQubit(tasks)])
        load_twin(twin_folder(tmp_path, project_id=project_id, chip_id="dying")).wait(40 * HOUR_S)
        values = qdash.get(METRICS).values(access_of("admin", project_id), "dying")
        compared = {
            one.parameter: one
            for one in compare(
                values, compute_truth_as_measured(qdash, access_of("admin", project_id), "dying")
            )
        }
        assert (
            "x90_gate_fidelity"
            not in compute_truth(qdash, access_of("admin", project_id), "dying")["qubits"]["0"]
        )
    for name in ("t1", "x90_gate_fidelity", "average_readout_fidelity"):
        assert abs(compared[name].pull) < 4
