"""Measurements of gates on couplings: values near the truth, honest errors, and refusals of uninformative
data.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.errors import AnalysisError, InvalidInputError, MissingInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import TaskOutput
from qdash_fake.devices import load_device
from qdash_fake.pair_truth import PairInUse, PairTruths
from qdash_fake.physics.pair import make_pair
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.tasks import (
    Check2QGateCoherenceLimit,
    CheckBellState,
    CheckBellStateTomography,
    CheckZZInteraction,
    ZX90InterleavedRandomizedBenchmarking,
)

from ..case_tables import each_case
from .conftest import make_table
from .good_gates import TURNS, good_gate
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask
    from qdash_fake.devices import DeviceTable

MEASURED = (
    CheckZZInteraction,
    CheckBellState,
    CheckBellStateTomography,
    ZX90InterleavedRandomizedBenchmarking,
)
WORST = 0.1


def with_gates(
    laboratory: Laboratory, turns: Sequence[float] = TURNS, couplings: Sequence[str] | None = None
) -> Laboratory:
    """Set perfect pulses, and a good gate on all or some couplings, with the faster qubit as the control."""
    with_drag(laboratory)
    session, qubits = laboratory.backend.laboratory, laboratory.chip.qubits
    for name, coupling in laboratory.chip.couplings.items():
        control = max(coupling.a, coupling.b, key=lambda qid: qubits[qid].frequency_ghz)
        laboratory.controls[name] = control
        if couplings is not None and name not in couplings:
            continue
        good = good_gate(make_pair(laboratory.chip, name, control), turns)
        if good.error > WORST:
            continue
        tone, x180_ns = good.gate.tone, session.settings[control].x180.length_ns
        session.adjust(
            name,
            {
                "cr_amplitude": tone.amplitude,
                "cr_phase": tone.phase_rad,
                "cancel_amplitude": tone.cancel_amplitude,
                "cancel_phase": tone.cancel_phase_rad,
                "rotary_amplitude": tone.rotary_amplitude,
                "zx90_gate_time": 2 * (good.gate.tone_ns + x180_ns),
            },
        )
        laboratory.values[name] = {
            f"{role}_t1": Parameter(qubits[qid].coherence.t1_us, None, "us")
            for role, qid in zip(("control", "target"), laboratory.direction(name), strict=True)
        }
    return laboratory


def truth_of(laboratory: Laboratory, repetition: Repetition | None = None) -> PairTruths:
    """Return the true values of the couplings at the settings in use."""
    session = laboratory.backend.laboratory
    in_use = {
        name: PairInUse(laboratory.controls[name], settings, repetition or Repetition())
        for name, settings in session.couplings.items()
    }
    return PairTruths(laboratory.chip, lambda qid: session.settings[qid], in_use)


def two_qubits() -> DeviceTable:
    """Return a table of one good pair."""
    return make_table({"frequency_ghz": 5.1}, {"frequency_ghz": 5.0}, couplings=(("0", "1"),))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Return a pair with a gate of 99 %."""
    return with_gates(Laboratory(tmp_path_factory.mktemp("pair"), two_qubits(), 4))


CHIPS = (("jakarta", 1), ("guadalupe", 2), ("montreal", 3))
SOME_OR_ALL = [
    pytest.param(0, id="some couplings"),
    pytest.param(1, id="one chip", marks=pytest.mark.slow),
    pytest.param(len(CHIPS), id="all chips", marks=pytest.mark.release),
]
SOME = 3
"""Number of couplings of the first chip for a test without a whole chip."""
COUPLINGS = {1: 5, 2: 15, len(CHIPS): 40}
"""Least number of couplings with a good gate, by the number of chips."""


def some_chips(
    folder: Path, count: int, turns: Sequence[float] = TURNS
) -> list[tuple[Laboratory, PairTruths]]:
    """Return some real chips with good gates, and their true values."""
    found = []
    for device, seed in CHIPS[: count or 1]:
        laboratory = Laboratory(folder / device, load_device(device), seed)
        with_gates(laboratory, turns, list(laboratory.chip.couplings)[: None if count else SOME])
        found.append((laboratory, truth_of(laboratory)))
    return found


@pytest.fixture(scope="module", params=SOME_OR_ALL)
def chips(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Laboratory, PairTruths]]:
    return some_chips(tmp_path_factory.mktemp("chips"), request.param)


# --- honest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", MEASURED)
def test_errors_cover_the_truth(chips: list[tuple[Laboratory, PairTruths]], task: type[BaseTask]) -> None:
    relative = check_coverage(chips, task)
    if task is CheckZZInteraction:
        assert np.median(relative) < 0.02
    if task is ZX90InterleavedRandomizedBenchmarking:
        assert np.median(relative) < 0.06


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(1, id="one chip", marks=pytest.mark.slow),
        pytest.param(len(CHIPS), id="all chips", marks=pytest.mark.release),
    ],
)
def test_coherent_errors_of_gates_without_rotary_tones_do_not_add_up(tmp_path: Path, count: int) -> None:
    check_coverage(some_chips(tmp_path, count, turns=[0.0]), ZX90InterleavedRandomizedBenchmarking)


def test_coherent_errors_of_a_gate_without_a_rotary_tone_do_not_add_up(tmp_path: Path) -> None:
    laboratory = with_gates(Laboratory(tmp_path, two_qubits(), 4), turns=[0.0])
    found = laboratory.run(ZX90InterleavedRandomizedBenchmarking, "0-1").parameters["zx90_gate_fidelity"]
    true, _ = truth_of(laboratory).compute_at_settings("0-1")["zx90_gate_fidelity"]
    assert found.error is not None
    assert abs(found.value - true) < 4 * found.error


def as_measured(output: TaskOutput, name: str) -> Parameter:
    """Return an estimate; for a state the raw, unbiased one."""
    if (raw := output.quality.get(f"{name}_raw")) is None:
        return output.parameters[name]
    return Parameter(raw, output.quality[f"{name}_raw_error"])


def check_coverage(chips: list[tuple[Laboratory, PairTruths]], task: type[BaseTask]) -> list[float]:
    """Compare the values of all couplings with the truth; return the relative errors."""
    (name,) = task.output_parameters
    pulls, relative = [], []
    for laboratory, truth in chips:
        for coupling in laboratory.values:
            found = as_measured(laboratory.run(task, coupling), name)
            true, _ = truth.compute_at_settings(coupling)[name]
            assert found.error is not None
            pulls.append((found.value - true) / found.error)
            relative.append(found.error / abs(1 - true if "fidelity" in name else true))
    n, size = len(pulls), np.abs(pulls)
    assert n == SOME or n > COUPLINGS[len(chips)]
    # Four binomial standard deviations; a pull of fifty beyond 4.2 occurs in one of a thousand runs.
    assert np.mean(size < 1) > 0.683 - 4 * math.sqrt(0.683 * 0.317 / n)
    assert np.mean(size < 2) > 0.954 - 4 * math.sqrt(0.954 * 0.046 / n)
    assert size.max() < 4.2
    assert abs(np.mean(pulls)) < 4 / math.sqrt(n)
    return relative


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Two mutually uncoupled pairs with good gates."""
    table = make_table(
        *({"frequency_ghz": f} for f in (5.1, 5.0, 5.1, 5.0)), couplings=(("0", "1"), ("2", "3"))
    )
    return with_gates(Laboratory(tmp_path_factory.mktemp("pairs"), table, 4))


@each_case("task", MEASURED)
def test_a_group_gives_what_each_alone_would(pairs: Laboratory, task: type[BaseTask]) -> None:
    laboratory = pairs
    truth, (name,) = truth_of(laboratory), task.output_parameters
    for coupling, output in laboratory.run_group(task, ["0-1", "2-3"]).items():
        assert not isinstance(output, Exception)
        found = output.parameters[name]
        assert found.error is not None
        assert abs(found.value - truth.compute_at_settings(coupling)[name][0]) < 4 * found.error


def test_the_bell_state_is_that_of_commanded_states_whatever_the_reset(pair: Laboratory) -> None:
    interval_ns = 5.1e3 * max(pair.values["0-1"][f"{role}_t1"].value for role in ("control", "target"))
    true, _ = truth_of(pair, Repetition("passive", interval_ns * 1e-3)).compute_at_settings("0-1")[
        "bell_state_fidelity"
    ]
    found = pair.run(CheckBellState, "0-1", reset="passive", interval=interval_ns, shots=50_000)
    fidelity = found.parameters["bell_state_fidelity"]
    assert fidelity.error is not None
    assert abs(fidelity.value - true) < 4 * fidelity.error


@pytest.mark.slow
def test_both_ways_to_the_bell_state_agree(pair: Laboratory) -> None:
    short, whole = (
        pair.run(task, "0-1", shots=20_000).parameters["bell_state_fidelity"]
        for task in (CheckBellState, CheckBellStateTomography)
    )
    assert abs(short.value - whole.value) < 4 * math.hypot(short.error or 0, whole.error or 0)


def test_a_large_zz_is_told_from_its_aliases_with_its_sign(tmp_path: Path) -> None:
    # 5 MHz from the crossing of |11> and |02>.
    table = make_table({"frequency_ghz": 5.315}, {"frequency_ghz": 5.0}, couplings=(("0", "1"),))
    laboratory = with_gates(Laboratory(tmp_path, table, 4))
    true = laboratory.chip.couplings["0-1"].static_zz_mhz
    assert abs(true) > 0.5
    found = laboratory.run(CheckZZInteraction, "0-1").parameters["static_zz_interaction"]
    assert found.error is not None
    assert abs(found.value - true) < 4 * found.error
    assert found.error < 0.05 * abs(true)


def test_what_leaks_is_part_of_the_gate_error(chips: list[tuple[Laboratory, PairTruths]]) -> None:
    outputs = [
        laboratory.run(ZX90InterleavedRandomizedBenchmarking, coupling)
        for laboratory, _ in chips[:1]
        for coupling in laboratory.values
    ]
    for output in outputs:
        leaked, error = output.note["leaked"], output.note["leaked_error"]
        assert leaked > -4 * error
        assert error < 0.5 * (1 - output.parameters["zx90_gate_fidelity"].value)


# --- asked for -------------------------------------------------------------------------------------------------------


def test_sweeps_that_were_asked_for_are_measured_and_nothing_else(pair: Laboratory) -> None:
    delays_ns = np.linspace(0, 10_000, 41)
    raw = pair.measure(CheckZZInteraction, "0-1", time_range=delays_ns.tolist())
    assert {name for name in raw.arrays if name.endswith("_iq")} == {
        "asked_control_0_iq",
        "asked_control_1_iq",
        "detuned_iq",
    }
    assert raw["asked_control_1_delay"] == pytest.approx(delays_ns * 1e-3)
    lengths = pair.measure(ZX90InterleavedRandomizedBenchmarking, "0-1", lengths=[1, 4, 10, 30], sequences=6)
    for name in ("reference_decay", "interleaved_decay"):
        assert np.bincount(lengths[f"{name}_length"].astype(int))[[1, 4, 10, 30]].tolist() == [6] * 4


@pytest.mark.parametrize("lengths", [[1, 10, 30], [1, 2.5, 10, 30]])
def test_lengths_that_show_no_decay_or_are_not_whole_are_refused(
    pair: Laboratory, lengths: list[float]
) -> None:
    with pytest.raises(InvalidInputError):
        pair.run(ZX90InterleavedRandomizedBenchmarking, "0-1", lengths=lengths)


# --- refused ---------------------------------------------------------------------------------------------------------


@each_case("task", [CheckBellState, CheckBellStateTomography, CheckZZInteraction])
def test_a_drive_that_does_nothing_is_refused(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = with_gates(Laboratory(tmp_path, two_qubits(), 4))
    laboratory.backend.laboratory.adjust("1", {"drag_pi_amplitude": 1e-6, "drag_hpi_amplitude": 1e-6})
    with pytest.raises(AnalysisError):
        laboratory.run(task, "0-1")


def test_a_gate_that_is_not_calibrated_is_refused(tmp_path: Path) -> None:
    laboratory = with_gates(Laboratory(tmp_path, two_qubits(), 4))
    session = laboratory.backend.laboratory
    session.adjust("0-1", {"cr_phase": (session.couplings["0-1"].cr_phase or 0) + 1.5})
    with pytest.raises(AnalysisError):
        laboratory.run(ZX90InterleavedRandomizedBenchmarking, "0-1")


def test_a_gate_without_time_for_tones_fails_alone(tmp_path: Path) -> None:
    table = make_table(
        *({"frequency_ghz": f} for f in (5.1, 5.0, 5.1, 5.0)), couplings=(("0", "1"), ("2", "3"))
    )
    laboratory = with_gates(Laboratory(tmp_path, table, 4))
    laboratory.backend.laboratory.adjust("0-1", {"zx90_gate_time": 20.0})
    tasks = [laboratory.prepare(CheckBellState, coupling) for coupling in ("0-1", "2-3")]
    bad, good = CheckBellState.run_group(laboratory.backend, tasks)
    assert isinstance(bad, InvalidInputError)
    assert isinstance(good, RawData)


@pytest.mark.parametrize("task", [CheckZZInteraction, ZX90InterleavedRandomizedBenchmarking])
def test_a_wait_short_against_t1_is_refused_unmeasured_with_what_to_do(
    pair: Laboratory, task: type[BaseTask]
) -> None:
    before_s = pair.backend.laboratory.lab_seconds
    with pytest.raises(InvalidInputError, match="active reset, or an interval of at least"):
        pair.run(task, "0-1", reset="passive", interval=100_000.0)
    assert pair.backend.laboratory.lab_seconds == before_s


@pytest.mark.parametrize(
    ("slow", "task"),
    [
        ("0", CheckBellState),
        pytest.param("1", CheckBellStateTomography, marks=pytest.mark.slow),
        pytest.param("0", CheckBellStateTomography, marks=pytest.mark.release),
        pytest.param("1", CheckBellState, marks=pytest.mark.release),
    ],
)
def test_a_bell_state_after_too_short_a_wait_for_either_qubit_is_refused_unmeasured(
    tmp_path: Path, task: type[BaseTask], slow: str
) -> None:
    qubits = [{"frequency_ghz": f, "t1_us": 60.0, "t2_us": 60.0} for f in (5.1, 5.0)]
    qubits[int(slow)]["t1_us"] = 100.0
    laboratory = with_gates(Laboratory(tmp_path, make_table(*qubits, couplings=(("0", "1"),)), 4))
    with pytest.raises(
        InvalidInputError, match="active reset, or an interval of at least 550000\N{NO-BREAK SPACE}ns"
    ):
        laboratory.run(task, "0-1", reset="passive", interval=499_000.0)
    assert laboratory.backend.laboratory.lab_seconds == 0
    laboratory.run(task, "0-1", reset="passive", interval=501_000.0)


@pytest.mark.parametrize(
    "task", [CheckBellState, pytest.param(CheckBellStateTomography, marks=pytest.mark.slow)]
)
def test_a_bell_state_without_reset_needs_both_t1_and_says_whose_is_missing(
    tmp_path: Path, task: type[BaseTask]
) -> None:
    laboratory = with_gates(Laboratory(tmp_path, two_qubits(), 4))
    del laboratory.values["0-1"]["target_t1"]
    with pytest.raises(MissingInputError, match="that of target 1 is not: run CheckT1"):
        laboratory.run(task, "0-1", reset="passive", interval=1_000_000.0)
    laboratory.run(task, "0-1")


# --- the limit -------------------------------------------------------------------------------------------------------


def test_the_coherence_limit_is_worked_out_without_measuring(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, two_qubits(), 4)
    times = {f"{role}_t1": Parameter(100.0, 2.0, "us") for role in ("control", "target")}
    times |= {f"{role}_t2_echo": Parameter(80.0, 3.0, "us") for role in ("control", "target")}
    laboratory.values = {"0-1": {**times, "zx90_gate_time": Parameter(400.0, None, "ns")}}
    found = laboratory.run(Check2QGateCoherenceLimit, "0-1").parameters["two_qubit_gate_coherence_limit"]
    t = 0.4
    kept = (1 + math.exp(-t / 100) + 2 * math.exp(-t / 80)) / 4
    assert found.value == pytest.approx(1 - 4 / 5 * (1 - kept**2))
    # Short gates: t / (5 T1) and 2 t / (5 T2) of each qubit, relative errors 2/100 and 3/80.
    each = math.hypot(t / 500 * 2 / 100, 2 * t / 400 * 3 / 80)
    assert found.error == pytest.approx(math.sqrt(2) * each, rel=2e-2)
    assert laboratory.backend.laboratory.lab_seconds == 0


# --- refit and figure ------------------------------------------------------------------------------------------------


@each_case("task", [*MEASURED, Check2QGateCoherenceLimit])
def test_stored_data_give_the_same_result_and_a_figure(
    tmp_path: Path, pair: Laboratory, task: type[BaseTask]
) -> None:
    raw = pair.measure(task, "0-1")
    path = tmp_path / "raw"
    path.write_bytes(encode(raw))
    output, again = task().postprocess(None, raw), task().postprocess(None, decode(path))
    assert again.parameters == output.parameters
    drawn = task.figure(decode(path), output)
    assert len(drawn["data"]) >= 2
    assert all(trace["x"] for trace in drawn["data"])


@each_case("task", [*MEASURED, Check2QGateCoherenceLimit])
def test_data_without_a_result_are_drawn_too(pair: Laboratory, task: type[BaseTask]) -> None:
    drawn = task.figure(pair.measure(task, "0-1"), TaskOutput())
    assert "layout" in drawn
    if task is not Check2QGateCoherenceLimit:
        assert drawn["data"]
