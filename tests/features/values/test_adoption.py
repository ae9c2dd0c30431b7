"""Adoption of the values of simulated executions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.feature import ADOPTIONS, VALUES
from qdash_core import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    LockedError,
    NotFoundError,
    Parameter,
)
from qdash_core.models.project import ProjectRole

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_backend, make_task
from ...core.session.test_simulated_runs import FREQUENCY, GATE, T1, make_twin, read_chip

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(FREQUENCY, T1, GATE, backends=[make_backend(), make_twin()])


def simulate(bench: Bench, *tasks: str, qid: str = "0") -> str:
    """Run tasks on a simulation of the chip, and return the execution."""
    session = bench.start_session(backend_name="twin")
    for task in tasks:
        session.run_task(task, qid)
    return session.complete().execution_id


@pytest.mark.every_store
def test_adopted_values_become_the_chips_and_stay_marked(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, backends=[make_backend(), make_twin()])
    execution_id = simulate(bench, "Frequency", "T1")
    found = bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)

    assert set(found.transfer.changes["0"]) == {"frequency", "t1"}
    value = bench.get_qubit().data["t1"]
    assert (value.value, value.simulated, value.execution_id) == (30.0, True, execution_id)
    adopted = bench.get_execution(execution_id).adopted
    assert adopted is not None
    assert adopted.username == "admin"
    assert bench.list_events()[-1].kind == "execution.adopted"


def test_a_task_that_uses_an_adopted_value_records_that_it_was_simulated(bench: Bench) -> None:
    bench.qdash.get(ADOPTIONS).adopt(ADMIN, simulate(bench, "Frequency"), chip_id=CHIP)
    result = bench.run("T1")
    assert result.input_parameters["frequency"].simulated
    assert not result.simulated
    assert result.output_parameters["t1"].simulated is None


def test_values_that_were_measured_later_stay(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency", "T1")
    measured = bench.run("Frequency")
    found = bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    assert list(found.transfer.kept["0"]) == ["frequency"]
    assert list(found.transfer.changes["0"]) == ["t1"]
    assert bench.get_qubit().data["frequency"].task_id == measured.task_id


def test_a_direction_is_adopted_with_its_values(bench: Bench) -> None:
    session = bench.start_session(backend_name="twin")
    session.set_directions({"0-1": "1"})
    session.run_task("Gate", "0-1")
    execution_id = session.complete().execution_id
    assert bench.get_coupling("0-1").control is None

    found = bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    assert found.transfer.directions == {"0-1": "1"}
    coupling = bench.get_coupling("0-1")
    assert (coupling.control, list(coupling.data)) == ("1", ["gate_fidelity"])


def test_values_of_the_present_direction_that_were_measured_later_keep_the_direction(bench: Bench) -> None:
    session = bench.start_session(backend_name="twin")
    session.set_directions({"0-1": "1"})
    session.run_task("Gate", "0-1")
    execution_id = session.complete().execution_id
    measured = bench.run("Gate", "0-1")

    with pytest.raises(ConflictError, match=r"older than that of chip .*: there is nothing to adopt"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    coupling = bench.get_coupling("0-1")
    assert (coupling.control, coupling.data["gate_fidelity"].task_id) == (None, measured.task_id)
    assert bench.qdash.get(EXECUTIONS).show(ADMIN, execution_id)[0].adopted is None


def test_an_adoption_whose_value_came_into_use_later_is_not_undone(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency", "T1")
    measured = bench.run("Frequency")
    bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    bench.qdash.get(VALUES).reject(ADMIN, measured.task_id, reason="a bad one")
    adopted = bench.get_execution(execution_id).adopted
    with pytest.raises(ConflictError, match=f"frequency of 0 is a value of execution {execution_id} since"):
        bench.qdash.get(VALUES).undo(ADMIN, 2)
    assert bench.get_execution(execution_id).adopted == adopted
    bench.qdash.get(VALUES).undo(ADMIN)
    bench.qdash.get(VALUES).undo(ADMIN)
    assert bench.get_execution(execution_id).adopted is None
    assert bench.get_qubit().data["frequency"].task_id == measured.task_id


def test_an_execution_is_adopted_once(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency")
    bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    with pytest.raises(ConflictError, match="adopted already, by admin"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)


def test_a_mistyped_chip_is_refused(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency")
    before = read_chip(bench)
    with pytest.raises(InvalidInputError, match=f"belongs to chip {CHIP}"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id="chp")
    assert read_chip(bench) == before


def test_a_measured_execution_has_nothing_to_adopt(bench: Bench) -> None:
    session = bench.start_session()
    session.run_task("Frequency", "0")
    with pytest.raises(InvalidInputError, match="was not simulated"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, session.complete().execution_id, chip_id=CHIP)


def test_a_running_simulation_is_not_adopted(bench: Bench) -> None:
    session = bench.start_session(backend_name="twin")
    session.run_task("Frequency", "0")
    with pytest.raises(ConflictError, match="is running"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, session.execution.execution_id, chip_id=CHIP)
    session.complete()


def test_nothing_is_adopted_while_the_chip_is_measured(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency")
    session = bench.start_session()
    with pytest.raises(LockedError, match="is being measured"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    session.cancel()


def test_rejected_results_are_not_adopted(make_bench: MakeBench) -> None:
    broken = make_task("Frequency", {"frequency": Parameter(float("nan"), 0.1, "GHz")})
    bench = make_bench(broken, backends=[make_backend(), make_twin()])
    with pytest.raises(ConflictError, match="no accepted value"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, simulate(bench, "Frequency"), chip_id=CHIP)


def test_a_chip_that_was_made_again_adopts_nothing(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency")
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    with pytest.raises(NotFoundError):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)
    bench.add_chip(CHIP)
    with pytest.raises(ConflictError, match="created again"):
        bench.qdash.get(ADOPTIONS).adopt(ADMIN, execution_id, chip_id=CHIP)


def test_a_viewer_adopts_nothing(bench: Bench) -> None:
    execution_id = simulate(bench, "Frequency")
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(ADOPTIONS).adopt(
            access_of("victor", role=ProjectRole.VIEWER), execution_id, chip_id=CHIP
        )
