"""Runs of a simulating backend on a chip that has another backend: nothing of the chip changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import CalibConfig, CalibOrchestrator, InvalidInputError, Parameter
from qdash_core.flows.steps import BringUp, CustomTwoQubit, FilterByMetric, FilterByStatus, SetCRSchedule
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN
from ..bench import CHIP, PROJECT, make_backend, make_task

if TYPE_CHECKING:
    from qdash_core.backends.base import ChipKnowledge

    from ..bench import Bench, BenchBackend
    from ..conftest import MakeBench

FREQUENCY = make_task("Frequency", {"frequency": Parameter(5.0, 0.1, "GHz")})
T1 = make_task("T1", {"t1": Parameter(30.0, 1.0, "us")}, needs=["frequency"])
GATE = make_task("Gate", {"gate_fidelity": Parameter(0.99, 0.001)}, task_type="coupling")


def make_twin(known: list[ChipKnowledge] | None = None, **attributes: Any) -> type[BenchBackend]:
    """Return a backend that simulates, and records the known facts about each chip."""

    def simulate(_cls: type[BenchBackend], _context: object, chip: ChipKnowledge) -> None:
        if known is not None:
            known.append(chip)

    def instrument(_cls: type[BenchBackend], _context: object) -> str:
        return "twin"

    return make_backend(
        name="twin",
        simulated=True,
        simulate=classmethod(simulate),
        instrument=classmethod(instrument),
        **attributes,
    )


def read_chip(bench: Bench) -> list[dict[str, Any]]:
    """Return the stored documents of the chip: header, qubits, couplings and daily copies of targets."""
    collections = ("chip", "qubit", "coupling", "qubit_history", "coupling_history", "calibration_note")
    with bench.qdash.store.read() as snapshot:
        return [document for name in collections for document in snapshot.find(name, {"chip_id": CHIP})]


@pytest.mark.every_store
def test_a_simulated_run_leaves_the_chip_as_it_was(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, GATE, backends=[make_backend(), make_twin(note={"drive": 0.4})])
    before = read_chip(bench)
    cal = bench.make_service(backend_name="twin")
    cal.run(
        AllMuxTargets(),
        [
            BringUp(["Frequency", "T1"]),
            FilterByStatus(),
            FilterByMetric("t1", minimum=20.0),
            SetCRSchedule([["1-0"], ["2-1"]]),
            CustomTwoQubit(["Gate"]),
        ],
    )
    ended = cal.finish_calibration()

    assert ended.tasks == {"completed": 12}
    assert ended.simulated
    assert read_chip(bench) == before
    assert bench.repositories.of(LatestResultRepository).list_by_chip(PROJECT, CHIP) == []


def test_results_and_values_of_a_simulated_run_are_marked(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, backends=[make_backend(), make_twin()])
    session = bench.start_session(backend_name="twin")
    session.run_task("Frequency", "0")
    result = bench.get_stored(session.run_task("T1", "0"))
    session.complete()

    assert (result.simulated, result.saved, result.backend) == (True, False, "twin")
    assert result.output_parameters["t1"].simulated
    assert result.input_parameters["frequency"].simulated


def test_values_of_a_simulated_run_are_inputs_of_its_own_tasks_only(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, backends=[make_backend(), make_twin()])
    session = bench.start_session(backend_name="twin")
    first = session.run_task("Frequency", "0")
    used = session.run_task("T1", "0").input_parameters["frequency"]
    session.complete()
    assert used.task_id == first.task_id

    for backend in ("bench", "twin"):
        missing = bench.run("T1", backend_name=backend)
        assert missing.status is TaskStatus.FAILED
        assert "run Frequency first" in missing.message


def test_a_resumed_simulated_run_uses_the_values_of_its_earlier_attempt(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, backends=[make_backend(), make_twin()])
    session = bench.start_session(backend_name="twin")
    session.run_task("Frequency", "0")
    execution_id = session.fail("the cryostat is warm").execution_id

    resumed = bench.start_session(backend_name="twin", execution_id=execution_id, resume=True)
    resumed.run_task("Frequency", "0")
    assert resumed.run_task("T1", "0").status is TaskStatus.COMPLETED
    assert resumed.complete().simulated


def test_a_resumed_simulated_run_has_the_directions_of_its_measurements(make_bench: MakeBench) -> None:
    bench = make_bench(GATE, backends=[make_backend(), make_twin()])
    session = bench.start_session(backend_name="twin")
    session.set_directions({"0-1": "1"})
    session.run_task("Gate", "0-1")
    execution_id = session.fail("the cryostat is warm").execution_id

    resumed = bench.start_session(backend_name="twin", execution_id=execution_id, resume=True)
    resumed.set_directions({"0-1": "1"})
    resumed.run_task("Gate", "0-1")
    coupling = resumed.read_chip().couplings["0-1"]
    assert (coupling.control, coupling.data["gate_fidelity"].value) == ("1", 0.99)
    resumed.complete()


def test_a_simulated_run_is_not_resumed_on_the_instruments(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, backends=[make_backend(), make_twin()])
    session = bench.start_session(backend_name="twin")
    session.run_task("Frequency", "0")
    execution_id = session.fail("stopped").execution_id
    with pytest.raises(InvalidInputError, match="was simulated"):
        bench.start_session(execution_id=execution_id, resume=True)


def test_a_simulated_run_does_not_wait_for_the_instruments(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, backends=[make_backend(), make_twin()])
    real = bench.start_session()
    simulated = CalibOrchestrator(
        CalibConfig(username="admin", chip_id=CHIP, backend_name="twin"), bench.qdash
    )
    simulated.initialize()
    simulated.run_task("Frequency", "0")
    real.run_task("Frequency", "1")
    simulated.complete()
    real.complete()
    assert bench.get_value("frequency", "0") is None
    assert bench.get_value("frequency", "1") == 5.0


def test_the_simulation_is_made_from_what_is_known_of_the_chip(make_bench: MakeBench) -> None:
    known: list[ChipKnowledge] = []
    bench = make_bench(FREQUENCY, backends=[make_backend(), make_twin(known)])
    bench.run("Frequency")
    bench.qdash.get(CHIPS).set_design(ADMIN, CHIP, {"1": {"qubit_frequency": 4.9}})
    bench.run("Frequency", backend_name="twin")

    (chip,) = known
    assert chip.values["0"]["frequency"] == Parameter(5.0, 0.1, "GHz")
    assert chip.design == {"1": {"qubit_frequency": 4.9}}
    assert chip.controls == {"2-3": "3"}
    assert len(chip.topology["qubits"]) == 5


def test_a_calibration_note_is_neither_given_to_a_simulation_nor_taken_from_it(make_bench: MakeBench) -> None:
    twin = make_twin(note={"drive": 0.4})
    bench = make_bench(FREQUENCY, backends=[make_backend(note={"drive": 0.1}), twin])
    bench.run("Frequency")
    bench.run("Frequency", backend_name="twin")
    latest = bench.repositories.of(CalibrationNoteRepository).get_latest(PROJECT, CHIP)
    assert latest is not None
    assert latest.note == {"drive": 0.1}
    assert not [call for call in twin.calls if call.startswith("update_note")]


def test_a_simulating_backend_owns_the_values_of_its_own_chips(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, backends=[make_backend(simulated=True)])
    result = bench.run("Frequency")
    assert (result.simulated, result.saved) == (False, True)
    assert bench.get_value("frequency") == 5.0
    assert bench.get_qubit().status is TargetStatus.PENDING
