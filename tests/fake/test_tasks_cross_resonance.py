"""ZX90 gates from nothing: rates near the truth, honest errors, gates near the best ones, and refusals."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.errors import AnalysisError, MissingInputError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_fake.devices import load_device
from qdash_fake.pair_truth import PairInUse, PairTruths
from qdash_fake.physics.gate_quality import find_best_gate
from qdash_fake.physics.pair import make_pair
from qdash_tasks.coupling.cross_resonance import read_tone
from qdash_tasks.laboratory.pair_requests import CrossResonance, LaterCrossResonance
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.programs.tone_tomography import rotate_tone
from qdash_tasks.tasks import CheckCrossResonance, CheckZX90, CreateZX90

from ..case_tables import each_case
from .conftest import make_table
from .good_gates import good_gate
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag
from .two_qubits import pair_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import BaseTask
    from qdash_fake.devices import DeviceTable
    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.port import Answers
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots

TASKS: tuple[type[BaseTask], ...] = (CheckCrossResonance, CreateZX90, CheckZX90)
CHIPS = (("jakarta", 1), ("guadalupe", 2))
SESSIONS = 2
"""Number of sessions, since a few pairs have two gates found at random: one session in ten of a chip may have
too many.
"""
WORST = 0.1
NEAR = 1.2


@dataclass
class Outcome:
    """Results on at least `least` couplings.

    `pulls` of the ZX rate by task, `ratios` of the true error of the gate to that of the best one (infinite
    after a failed calibration), and the laboratory time of all three tasks in s.
    """

    least: int = 1
    pulls: dict[str, list[float]] = field(
        default_factory=lambda: {"CheckCrossResonance": [], "CreateZX90": []}
    )
    ratios: list[float] = field(default_factory=list)
    lab_s: list[float] = field(default_factory=list)
    angles_rad: list[float] = field(default_factory=list)


def two_qubits(*given: dict[str, float]) -> DeviceTable:
    """Return a table of a usual pair, 100 MHz apart."""
    changes = given or ({}, {})
    frequencies = ({"frequency_ghz": 5.1}, {"frequency_ghz": 5.0})
    return make_table(
        *(base | change for base, change in zip(frequencies, changes, strict=True)), couplings=(("0", "1"),)
    )


def truth_of(laboratory: Laboratory, coupling: str) -> dict[str, tuple[float, str]]:
    """Return the true values of a coupling at the settings in use."""
    session = laboratory.backend.laboratory
    control, _ = laboratory.direction(coupling)
    in_use = {coupling: PairInUse(control, session.couplings[coupling])}
    return PairTruths(laboratory.chip, session.settings.__getitem__, in_use).compute_at_settings(coupling)


def calibrate(
    laboratory: Laboratory,
    coupling: str,
    outcome: Outcome,
    least_error: Callable[[Pair], float] = lambda pair: find_best_gate(pair).error,
) -> None:
    """Calibrate a gate and compare it with the truth."""
    control, _ = laboratory.direction(coupling)
    best = least_error(make_pair(laboratory.chip, coupling, control))
    if best > WORST:
        return
    session = laboratory.backend.laboratory
    before = session.lab_seconds
    for task in TASKS:
        output = laboratory.run_group(task, [coupling])[coupling]
        if isinstance(output, Exception):
            outcome.ratios.append(math.inf)
            return
        laboratory.backend.apply({coupling: laboratory.values[coupling]})
        if task is CheckZX90:
            outcome.angles_rad.append(output.quality["angle_error_rad"])
            continue
        found = output.parameters["zx_rotation_rate"]
        assert found.error is not None
        true, _ = truth_of(laboratory, coupling)["zx_rotation_rate"]
        outcome.pulls[task.name].append((found.value - true) / found.error)
    outcome.lab_s.append(session.lab_seconds - before)
    outcome.ratios.append((1 - truth_of(laboratory, coupling)["zx90_gate_fidelity"][0]) / best)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(None, id="one coupling"),
        pytest.param((1, SESSIONS, 5 * SESSIONS), id="one chip", marks=pytest.mark.release),
        pytest.param((len(CHIPS), SESSIONS, 20 * SESSIONS), id="all chips", marks=pytest.mark.release),
    ],
)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Calibration of one coupling, or of all of a chip or of two in sessions with independent noise, with the
    faster qubit as the control.
    """
    if request.param is None:
        calibrated: Outcome = request.getfixturevalue("calibrated")[1]
        return calibrated
    chips, sessions, least = request.param
    found = Outcome(least=least)
    for (device, seed), earlier in product(CHIPS[:chips], range(sessions)):
        opened = Laboratory(tmp_path_factory.mktemp(device), load_device(device), seed)
        for _ in range(earlier):
            opened.backend.connect()
        laboratory = with_drag(opened)
        for name in laboratory.let_faster_control():
            calibrate(laboratory, name, found)
    return found


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Laboratory, Outcome]:
    """A calibrated pair, and the comparison of its gate with a nearly optimal one."""
    laboratory = with_drag(Laboratory(tmp_path_factory.mktemp("pair"), two_qubits(), 5))
    outcome = Outcome()
    calibrate(laboratory, "0-1", outcome, lambda pair: good_gate(pair).error)
    assert laboratory.backend.laboratory.couplings["0-1"].zx90_gate_time
    return laboratory, outcome


@pytest.fixture(scope="module")
def pair(calibrated: tuple[Laboratory, Outcome]) -> Laboratory:
    """A calibrated pair."""
    return calibrated[0]


@pytest.fixture(scope="module")
def measured(pair: Laboratory) -> Mapping[str, RawData]:
    """Raw data of the calibration of the pair, by task."""
    return {task.name: pair.raw["0-1", task.name] for task in TASKS}


# --- good ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS[:2])
def test_errors_of_the_rate_cover_the_truth(outcome: Outcome, task: type[BaseTask]) -> None:
    size = np.abs(outcome.pulls[task.name])
    assert size.size >= outcome.least
    # Normal errors: 68.3 % within one sigma, 95.4 % within two; four binomial standard deviations are allowed.
    for sigmas, share in ((1, 0.683), (2, 0.954)):
        margin = 4 * math.sqrt(share * (1 - share) / size.size)
        assert np.mean(size < sigmas) > share - margin
    assert size.max() < 4.2


def test_nine_of_ten_gates_err_by_little_more_than_the_best(outcome: Outcome) -> None:
    assert len(outcome.ratios) >= outcome.least
    assert np.mean(np.array(outcome.ratios) < NEAR) >= 0.9


@pytest.mark.parametrize(
    ("device", "coupling", "control", "near"),
    [
        # The two-photon transition of the control is 5 MHz away, the rate of a rotary tone of one turn on the target.
        pytest.param("brooklyn", "58-59", "58", 1.4, marks=pytest.mark.slow),
        # Static ZZ of 0.3 MHz rotates the target while the control flips, which full rotations do not undo.
        pytest.param("sherbrooke", "62-63", "63", 1.9, marks=pytest.mark.release),
    ],
)
def test_gates_of_hard_pairs_err_by_little_more_than_the_best(
    tmp_path: Path, device: str, coupling: str, control: str, near: float
) -> None:
    laboratory = with_drag(Laboratory(tmp_path, load_device(device), 1, controls={coupling: control}))
    anharmonicity = laboratory.chip.qubits[control].anharmonicity_ghz
    laboratory.values[coupling] = {"control_anharmonicity": Parameter(anharmonicity, None, "GHz")}
    found = Outcome()
    calibrate(laboratory, coupling, found)
    assert found.ratios[0] < near


def test_a_turned_tone_is_the_same_about_another_axis() -> None:
    pair, tone = pair_at(100, crosstalk=0.1), CrossResonanceTone(0.3, 0.4, 0.05, -1.0, 0.2)
    for before, after in zip(pair.drives(tone), pair.drives(rotate_tone(tone, 0.3)), strict=True):
        assert after == pytest.approx(before * cmath.exp(0.3j))


def test_angles_are_right(outcome: Outcome) -> None:
    # An angle error d costs d^2 / 5 of fidelity: 0.05 rad are 5e-4, a tenth of the best gates' error.
    assert np.mean(np.abs(outcome.angles_rad) < 0.05) >= 0.9


def test_a_coupling_takes_about_a_minute(outcome: Outcome) -> None:
    assert np.median(outcome.lab_s) < 90


def test_the_tone_that_is_recorded_is_that_of_the_last_tomography(measured: Mapping[str, RawData]) -> None:
    for task in TASKS[:2]:
        raw = measured[task.name]
        found = task().postprocess(None, raw).parameters
        played = rotate_tone(read_tone(raw), float(raw.attributes.get("axis_rad", 0.0)))
        assert found["cr_amplitude"].value == played.amplitude
        assert found["cr_phase"].value == pytest.approx(played.phase_rad)


def test_the_tone_that_is_recorded_leaves_zx_alone(pair: Laboratory) -> None:
    fresh = Laboratory(pair.home / "fresh", pair.table, 4)
    output = with_drag(fresh).run_group(CheckCrossResonance, ["0-1"])["0-1"]
    assert isinstance(output, TaskOutput)
    # It was pure within errors before the last round; one percent of ZX is tolerated.
    size = output.parameters["zx_rotation_rate"].value
    assert abs(output.note["zy_mhz"]) < 0.05 * size
    assert max(abs(output.note[name]) for name in ("ix_mhz", "iy_mhz")) < 0.1 * size


def test_a_second_run_keeps_the_amplitude_and_the_sign(pair: Laboratory) -> None:
    before = pair.backend.laboratory.couplings["0-1"]
    found = pair.run(CheckCrossResonance, "0-1").parameters
    assert found["cr_amplitude"].value == before.cr_amplitude
    turned = math.remainder(found["cr_phase"].value - (before.cr_phase or 0.0), 2 * math.pi)
    # ZY has an error of half a percent of ZX.
    assert abs(turned) < 0.03


@pytest.mark.slow
def test_no_drive_is_tried_twice_however_strong_the_first_tone(pair: Laboratory) -> None:
    session = pair.backend.laboratory
    in_use = session.couplings["0-1"].cr_amplitude
    assert in_use is not None
    try:
        session.adjust("0-1", {"cr_amplitude": min(3 * in_use, 1.0)})
        tried = [rung["amplitude"] for rung in pair.measure(CreateZX90, "0-1").attributes["rungs"]]
    finally:
        session.adjust("0-1", {"cr_amplitude": in_use})
    assert len(tried) >= 3
    assert all(np.diff(np.log(sorted(tried))) > 0.03)


def test_what_is_set_has_no_error_but_what_is_measured_has(measured: Mapping[str, RawData]) -> None:
    for task in TASKS[:2]:
        found = task().postprocess(None, measured[task.name]).parameters
        assert {name for name, one in found.items() if one.error is not None} == {"zx_rotation_rate"}


def test_crosstalk_many_times_as_strong_as_zx_is_cancelled_first(tmp_path: Path) -> None:
    table = two_qubits({"frequency_ghz": 4.82}, {"frequency_ghz": 5.04})
    laboratory = with_drag(Laboratory(tmp_path, table, 16))
    output = laboratory.run_group(CheckCrossResonance, ["0-1"])["0-1"]
    assert isinstance(output, TaskOutput), output
    laboratory.backend.apply({"0-1": laboratory.values["0-1"]})
    found = output.parameters
    target = laboratory.backend.laboratory.settings["1"]
    crosstalk_mhz = found["cancel_amplitude"].value * target.rabi_frequency_mhz / target.control_amplitude
    assert crosstalk_mhz > 20 * found["zx_rotation_rate"].value
    true, _ = truth_of(laboratory, "0-1")["zx_rotation_rate"]
    assert found["zx_rotation_rate"].error is not None
    assert abs(found["zx_rotation_rate"].value - true) < 4.2 * found["zx_rotation_rate"].error


@pytest.mark.slow
def test_a_poor_gate_is_remarked_with_what_is_conspicuous(tmp_path: Path) -> None:
    table = two_qubits(*2 * [{"t1_us": 3.0, "t2_us": 4.0}])
    laboratory = with_drag(Laboratory(tmp_path, table, 4))
    for task in TASKS[:2]:
        output = laboratory.run_group(task, ["0-1"])["0-1"]
        assert isinstance(output, TaskOutput), output
    laboratory.backend.apply({"0-1": laboratory.values["0-1"]})
    assert truth_of(laboratory, "0-1")["zx90_gate_fidelity"][0] < 0.95
    assert isinstance(output, TaskOutput)
    assert "more than 5\N{NO-BREAK SPACE}%" in output.note["remark"]
    assert "relaxation is too fast" in output.note["remark"]


@pytest.mark.parametrize(
    "tasks",
    [pytest.param(TASKS[:1], id="tone"), pytest.param(TASKS, id="gate", marks=pytest.mark.slow)],
)
def test_a_group_gives_what_each_alone_would(tmp_path: Path, tasks: Sequence[type[BaseTask]]) -> None:
    table = make_table(
        *({"frequency_ghz": f} for f in (5.1, 5.0, 5.1, 5.0)), couplings=(("0", "1"), ("2", "3"))
    )
    laboratory = with_drag(Laboratory(tmp_path, table, 4))
    for task in tasks:
        for coupling, output in laboratory.run_group(task, ["0-1", "2-3"]).items():
            assert isinstance(output, TaskOutput), output
            laboratory.backend.apply({coupling: laboratory.values[coupling]})
            if (found := output.parameters.get("zx_rotation_rate")) is not None:
                true, _ = truth_of(laboratory, coupling)["zx_rotation_rate"]
                assert found.error is not None
                assert abs(found.value - true) < 4.2 * found.error


def test_durations_that_were_asked_for_are_measured(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, two_qubits(), 4))
    durations_ns = np.arange(60.0, 1261.0, 40.0)
    raw = laboratory.measure(CheckCrossResonance, "0-1", time_range=durations_ns.tolist())
    swept = {name: raw[name] for name in raw.arrays if name.endswith("_duration")}
    assert swept
    for name, durations in swept.items():
        if name.endswith("_later_duration"):
            assert {*durations} < {*durations_ns}
        else:
            assert durations == pytest.approx(durations_ns)


@pytest.mark.slow
def test_a_drive_off_the_frequency_of_the_target_is_remarked(
    tmp_path: Path, measured: Mapping[str, RawData]
) -> None:
    assert "remark" not in CreateZX90().postprocess(None, measured["CreateZX90"]).note
    laboratory = with_drag(Laboratory(tmp_path, two_qubits(), 4))
    laboratory.backend.laboratory.adjust(
        "1",
        {"drive_frequency_ghz": laboratory.backend.laboratory.settings["1"].drive_frequency_ghz + 3e-4},
    )
    laboratory.run_group(CheckCrossResonance, ["0-1"])
    output = laboratory.run_group(CreateZX90, ["0-1"])["0-1"]
    assert isinstance(output, TaskOutput), output
    assert "off its frequency" in output.note["remark"]


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.release) for seed in (1, 2, 3))])
def test_a_tone_whose_phase_is_mirrored_is_refused_and_the_check_is_named(tmp_path: Path, seed: int) -> None:
    laboratory = with_drag(Laboratory(tmp_path, two_qubits(), seed))
    let_play(laboratory, _mirrored)
    with pytest.raises(
        AnalysisError, match=r"did not converge.*qdash lab check CHIP --all --only cross_resonance"
    ):
        laboratory.run(CheckCrossResonance, "0-1")


def let_play(laboratory: Laboratory, changed: Callable[[Request], Request]) -> None:
    """Make a laboratory answer modified requests."""
    session = laboratory.backend.laboratory
    measure = session.measure

    def mistaken(requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        return measure({target: [changed(one) for one in asked] for target, asked in requests.items()}, shots)

    session.measure = mistaken


def _mirrored(request: Request) -> Request:
    if not isinstance(request, CrossResonance):
        return request
    return replace(request, tone=replace(request.tone, phase_rad=-request.tone.phase_rad))


def _of_control(request: Request) -> Request:
    """Return a request with another phase of a tone that starts later."""
    if not isinstance(request, LaterCrossResonance):
        return request
    return replace(request, tone=replace(request.tone, phase_rad=request.tone.phase_rad + 2.5))


@pytest.mark.parametrize(
    ("changed", "said", "calls"),
    [(_mirrored, "did not converge", 3), (_of_control, "starts later", 1)],
    ids=["mirrored", "of the control"],
)
def test_no_gate_is_tried_with_a_tone_whose_phase_is_wrong(
    tmp_path: Path, changed: Callable[[Request], Request], said: str, calls: int
) -> None:
    """The tone itself is that of a correct laboratory."""
    laboratory = with_drag(Laboratory(tmp_path, two_qubits(), 4))
    laboratory.run_group(CheckCrossResonance, ["0-1"])
    laboratory.backend.apply({"0-1": laboratory.values["0-1"]})
    let_play(laboratory, changed)
    raw = laboratory.measure(CreateZX90, "0-1")
    assert raw.attributes["calls"] <= calls
    assert not [name for name in raw.arrays if "sequences" in name]
    with pytest.raises(AnalysisError, match=rf"{said}.*`qdash lab check CHIP --all --only cross_resonance`"):
        CreateZX90().postprocess(None, raw)
    assert CreateZX90.figure(raw, TaskOutput())["data"]


@each_case("task", TASKS)
@each_case(("qid", "role"), [("0", "control"), ("1", "target")])
def test_a_pi_pulse_that_does_nothing_is_named(
    tmp_path: Path, task: type[BaseTask], qid: str, role: str
) -> None:
    laboratory = with_drag(Laboratory(tmp_path, two_qubits(), 4))
    session = laboratory.backend.laboratory
    session.adjust(qid, {"drag_pi_amplitude": 1e-6})
    session.adjust("0-1", {"cr_amplitude": 0.1, "cr_phase": 0.0, "zx90_gate_time": 400.0})
    raw = laboratory.measure(task, "0-1")
    with pytest.raises(
        AnalysisError, match=rf"readout of the {role}, qubit {qid}, does not distinguish 0 from 1"
    ):
        task().postprocess(None, raw)
    assert task.figure(raw, TaskOutput())["data"]


def test_qubits_that_hardly_couple_are_refused(tmp_path: Path) -> None:
    table = two_qubits({"frequency_ghz": 7.5}, {"frequency_ghz": 4.5})
    laboratory = with_drag(Laboratory(tmp_path, table, 4))
    raw = laboratory.measure(CheckCrossResonance, "0-1")
    with pytest.raises(AnalysisError, match="hardly couple"):
        CheckCrossResonance().postprocess(None, raw)
    assert CheckCrossResonance.figure(raw, TaskOutput())["data"]


def test_qubits_that_collide_get_no_gate_but_the_reason(tmp_path: Path) -> None:
    table = two_qubits({"frequency_ghz": 5.004}, {"frequency_ghz": 5.0})
    laboratory = with_drag(Laboratory(tmp_path, table, 4))
    for task in TASKS[:2]:
        output = laboratory.run_group(task, ["0-1"])["0-1"]
        if isinstance(output, Exception):
            break
    assert isinstance(output, AnalysisError)
    assert "the control and the target are 4.0 MHz apart (collision)" in str(output)


@pytest.mark.parametrize("factor", [0.9, 1.2])
def test_a_gate_that_turns_by_a_wrong_angle_is_refused(pair: Laboratory, factor: float) -> None:
    session = pair.backend.laboratory
    right = session.couplings["0-1"].cr_amplitude
    assert right is not None
    try:
        session.adjust("0-1", {"cr_amplitude": right * factor})
        with pytest.raises(AnalysisError, match="wrong angle"):
            pair.run(CheckZX90, "0-1")
    finally:
        session.adjust("0-1", {"cr_amplitude": right})


@each_case("task", TASKS)
def test_without_reset_a_qubit_of_unknown_t1_is_refused_unmeasured(
    tmp_path: Path, task: type[BaseTask]
) -> None:
    laboratory = with_drag(Laboratory(tmp_path, two_qubits(), 4))
    with pytest.raises(MissingInputError, match="T1 of both qubits must be known"):
        laboratory.run(task, "0-1", reset="passive", interval=100_000.0)
    assert laboratory.backend.laboratory.lab_seconds == 0


# --- refit and figure ------------------------------------------------------------------------------------------------


@each_case("task", TASKS)
def test_stored_data_give_the_same_result_and_a_figure(
    tmp_path: Path, measured: Mapping[str, RawData], task: type[BaseTask]
) -> None:
    raw = measured[task.name]
    path = tmp_path / "raw"
    path.write_bytes(encode(raw))
    output = task().postprocess(None, raw)
    assert task().postprocess(None, decode(path)) == output
    for drawn in (task.figure(decode(path), output), task.figure(raw, TaskOutput())):
        assert len(drawn["data"]) >= 2
        assert all(trace["x"] for trace in drawn["data"])
