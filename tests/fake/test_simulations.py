"""Twins of chips that have another backend: made from topology, design and known values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibService, Parameter, open_qdash
from qdash_core.backends.base import BackendContext, ChipKnowledge
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import BackendError, ConflictError, InvalidInputError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runs.performance import run_to_end
from qdash_core.settings import load_settings
from qdash_fake.backend import FakeBackend
from qdash_fake.folders import twin_folder
from qdash_fake.known_chips import make_table_of_chip
from qdash_fake.simulations import create_simulation, ensure_simulation, simulate_chip
from qdash_fake.twin import load_twin

from ..access import ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from qdash_core.runtime.application import QDash

LINEAR = get_builtin_topology("linear-16")
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)


def make_knowledge(
    values: Mapping[str, Mapping[str, Parameter]] | None = None,
    design: Mapping[str, Mapping[str, float]] | None = None,
) -> ChipKnowledge:
    return ChipKnowledge(LINEAR.to_document(), design or {}, values or {}, {"0-1": "1"})


def make_context(home: Path, made_at: datetime = MADE_AT) -> BackendContext:
    return BackendContext("default", "lab", (), home, made_at)


@pytest.fixture
def qdash(tmp_path: Path) -> Iterator[QDash]:
    with open_qdash(load_settings(home=tmp_path)) as opened:
        yield opened


def test_a_known_value_is_the_truth_within_its_error() -> None:
    values = {
        "0": {
            "qubit_frequency": Parameter(8.1, 1e-4, "GHz"),
            "resonator_frequency": Parameter(10.2, 1e-4, "GHz"),
            "t1": Parameter(40.0, 2.0, "us"),
            "t1_average": Parameter(35.0, 1.0, "us"),
            "readout_fidelity_0": Parameter(0.98, 0.001),
            "rabi_frequency": Parameter(12.5, 0.01, "MHz"),
            "control_amplitude": Parameter(0.05, None, "a.u."),
        },
        "0-1": {
            "zx90_gate_fidelity": Parameter(0.985, 0.001),
            "zx90_gate_time": Parameter(320.0, None, "ns"),
        },
    }
    rows = [make_table_of_chip(make_knowledge(values), seed).qubits[0] for seed in range(50)]
    assert all(abs((row.frequency_ghz or 0) - 8.1) <= 3.01e-4 for row in rows)
    assert len({row.frequency_ghz for row in rows}) == 50
    assert all(abs((row.resonator_frequency_ghz or 0) - 10.2) <= 3.01e-4 for row in rows)
    assert all(abs((row.t1_us or 0) - 35.0) <= 3.01 for row in rows)
    assert all(row.p_meas1_prep0 == pytest.approx(0.02) for row in rows)
    assert {row.rabi_per_amplitude_mhz for row in rows} == {250.0}

    coupling = make_table_of_chip(make_knowledge(values), 0).couplings[0]
    assert (coupling.control, coupling.target, coupling.length_ns) == ("1", "0", 320.0)
    assert coupling.error == pytest.approx(0.015)


def test_a_design_value_is_the_truth_within_the_scatter_of_fabrication() -> None:
    design = {"0": {"qubit_frequency": 8.0, "readout_frequency": 10.2, "readout_amplitude": 0.03}}
    rows = [make_table_of_chip(make_knowledge(design=design), seed).qubits[0] for seed in range(50)]
    deviations = [abs((row.frequency_ghz or 0) - 8.0) for row in rows]
    assert 0.01 < max(deviations) <= 0.09
    assert all(abs((row.resonator_frequency_ghz or 0) - 10.2) <= 0.009 for row in rows)
    assert {row.readout_amplitude for row in rows} == {0.03}


def test_unknown_quantities_are_drawn_with_the_twin(tmp_path: Path) -> None:
    twin = create_simulation(make_context(tmp_path), make_knowledge(), seed=3)
    row = twin.table.qubits[0]
    assert (row.frequency_ghz, row.t1_us, row.resonator_frequency_ghz) == (None, None, None)
    truth = twin.truth().qubits["0"]
    assert 4.5 < truth.frequency_ghz < 5.5


def test_an_impossible_known_value_is_not_used() -> None:
    values = {"0": {"t1": Parameter(-3.0, 1.0, "us"), "readout_fidelity_1": Parameter(1.2, 0.1)}}
    row = make_table_of_chip(make_knowledge(values), 0).qubits[0]
    assert (row.t1_us, row.p_meas0_prep1) == (None, None)


def test_a_chip_keeps_its_twin_until_it_is_made_again(tmp_path: Path) -> None:
    first = ensure_simulation(make_context(tmp_path), make_knowledge())
    first.wait(3600)
    kept = ensure_simulation(make_context(tmp_path), make_knowledge())
    assert kept.clock_s == 3600

    later = make_context(tmp_path, datetime(2026, 11, 2, tzinfo=UTC))
    assert ensure_simulation(later, make_knowledge()).clock_s == 0


def test_a_twin_is_replaced_on_request_only(tmp_path: Path) -> None:
    create_simulation(make_context(tmp_path), make_knowledge(), seed=1)
    with pytest.raises(ConflictError, match="has a twin already"):
        create_simulation(make_context(tmp_path), make_knowledge(), seed=2)
    create_simulation(make_context(tmp_path), make_knowledge(), seed=2, replace=True)
    folder = twin_folder(tmp_path, project_id="default", chip_id="lab")
    assert load_twin(folder).seed == 2
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["lab"]


def test_a_session_of_a_replaced_twin_does_not_change_the_new_one(tmp_path: Path) -> None:
    former = create_simulation(make_context(tmp_path), make_knowledge(), seed=1)
    create_simulation(make_context(tmp_path), make_knowledge(), seed=2, replace=True)
    former._keep_clock(3600.0)
    kept = load_twin(twin_folder(tmp_path, project_id="default", chip_id="lab"))
    assert (kept.seed, kept.clock_s) == (2, 0.0)


def test_an_impossible_fault_leaves_the_twin_as_it_was(tmp_path: Path) -> None:
    create_simulation(make_context(tmp_path), make_knowledge(), seed=1)
    with pytest.raises(InvalidInputError, match="no qubit '99'"):
        create_simulation(
            make_context(tmp_path), make_knowledge(), options={"dead_line": {"99": 0.0}}, replace=True
        )
    assert load_twin(twin_folder(tmp_path, project_id="default", chip_id="lab")).seed == 1


def test_a_twin_has_no_twin(qdash: QDash) -> None:
    qdash.get(CHIPS).create(ADMIN, "lab", LINEAR, backend="fake")
    simulate_chip(qdash, ADMIN, "lab", seed=0)
    with pytest.raises(InvalidInputError, match="is a twin itself"):
        simulate_chip(qdash, ADMIN, "lab", seed=0, replace=True)


def test_a_chip_of_backend_fake_without_a_twin_gets_one_that_its_backend_measures(qdash: QDash) -> None:
    qdash.get(CHIPS).create(ADMIN, "lab", LINEAR, backend="fake")
    backend = FakeBackend()
    backend.context = BackendContext("default", "lab", ("0",), qdash.settings.home)
    with pytest.raises(BackendError, match="qdash twin create --for lab"):
        backend.connect()

    simulate_chip(qdash, ADMIN, "lab", seed=0)

    backend.connect()


def test_the_instrument_of_a_simulation_is_not_that_of_the_chip(tmp_path: Path) -> None:
    assert FakeBackend.instrument(make_context(tmp_path)) == "fake/default/lab"


@pytest.mark.slow
def test_a_chip_with_frequencies_of_its_own_is_calibrated_on_its_twin(qdash: QDash, tmp_path: Path) -> None:
    design = {
        qid: {
            "qubit_frequency": frequency,
            "resonator_frequency": 10.1 + 0.05 * int(qid),
            "readout_amplitude": 0.05,
        }
        for qid, frequency in {"0": 7.9, "1": 8.0}.items()
    }
    qdash.get(CHIPS).create(ADMIN, "lab", LINEAR, backend="recorded", design=design)
    calibration = CalibService(
        DEFAULT_USER, "lab", project_id=ADMIN.project_id, qdash=qdash, backend_name="fake"
    )
    tasks = ["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckRamsey"]
    ended = run_to_end(calibration, QubitTargets(["0", "1"]), [CustomOneQubit(tasks)])

    assert ended.tasks == {"completed": 8}
    assert qdash.get(METRICS).values(ADMIN, "lab").qubits == {}
    truth = load_twin(twin_folder(tmp_path, project_id="default", chip_id="lab")).truth()
    for result in qdash.get(EXECUTIONS).show(ADMIN, ended.execution_id)[1]:
        assert result.simulated
        if result.name == "CheckRamsey":
            found = result.output_parameters["qubit_frequency"]
            assert found.error is not None
            assert abs(found.value - truth.qubits[result.qid].frequency_ghz) < 5 * found.error


@pytest.mark.slow
def test_gates_of_a_chip_are_calibrated_on_its_twin(qdash: QDash) -> None:
    qdash.get(CHIPS).create(ADMIN, "lab", LINEAR, backend="recorded")
    calibration = CalibService(
        DEFAULT_USER, "lab", project_id=ADMIN.project_id, qdash=qdash, backend_name="fake"
    )
    ended = run_to_end(calibration, QubitTargets(["0", "1"]), qdash.registry.flow("full").steps)
    gates = [one for one in qdash.get(EXECUTIONS).show(ADMIN, ended.execution_id)[1] if one.qid == "0-1"]
    assert {one.name for one in gates if one.accepted} >= {"CreateZX90", "CheckZX90"}
    assert qdash.get(METRICS).values(ADMIN, "lab").couplings == {}
