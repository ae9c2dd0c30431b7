"""Records with the cool-down of the chip, and their search by cool-down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.cooldowns.service import CooldownChip
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.tags.feature import TAGS
from qdash_core.errors import NotFoundError
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.used_names import BackendRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, SIGNAL, make_task

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench with a cool-down without the chip; `Load` loads the chip during a measurement."""

    def load(_self: Any, _backend: Any) -> Any:
        bench.qdash.get(COOLDOWNS).assign(ADMIN, "1", CHIP)
        return SIGNAL

    bench = make_bench(
        make_task(), make_task("Load", measure=load), make_task("Couple", task_type="coupling")
    )
    bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "1", "K")
    return bench


@pytest.mark.every_store
def test_results_and_histories_carry_the_cooldown(bench: Bench) -> None:
    bench.qdash.get(COOLDOWNS).assign(ADMIN, "1", CHIP)
    assert bench.run().cooldown_id == "1"
    assert bench.run("Couple", "0-1").cooldown_id == "1"
    [qubit_day] = bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")
    [coupling_day] = bench.repositories.of(CouplingCalibrationRepository).list_days(PROJECT, CHIP, "0-1")
    assert (qubit_day.cooldown_id, coupling_day.cooldown_id) == ("1", "1")


def test_a_chip_that_is_loaded_in_mid_run_is_in_the_cooldown_from_then_on(bench: Bench) -> None:
    session = bench.start_session()
    before, loading, after = (session.run_task(name, "0") for name in ("Measure", "Load", "Measure"))
    session.complete()
    found = [bench.get_stored(result).cooldown_id for result in (before, loading, after)]
    assert found == [None, "1", "1"]
    in_it = {"project_id": PROJECT, "cooldown_id": "1"}
    with bench.qdash.store.read() as snapshot:
        documents = snapshot.find("task_result_history", in_it, order=("-start_at",))
    assert [document["task_id"] for document in documents] == [after.task_id, loading.task_id]


def test_behind_its_end_nothing_belongs_to_a_cooldown(bench: Bench) -> None:
    bench.qdash.get(COOLDOWNS).assign(ADMIN, "1", CHIP)
    session = bench.start_session()
    bench.qdash.get(COOLDOWNS).end(ADMIN, "1")
    assert bench.get_stored(session.run_task("Measure", "0")).cooldown_id is None
    session.complete()


def test_a_refit_belongs_to_the_cooldown_of_its_measurement_and_the_copy_of_the_day_to_the_present_one(
    bench: Bench,
) -> None:
    bench.qdash.get(COOLDOWNS).assign(ADMIN, "1", CHIP)
    measured = bench.run()
    bench.qdash.get(COOLDOWNS).end(ADMIN, "1")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "2", "K", chip_ids=[CHIP])
    assert bench.get_stored(bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)).cooldown_id == "1"
    [day] = bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")
    assert day.cooldown_id == "2"


def test_the_tags_and_the_backend_of_a_run_are_known_to_its_project(bench: Bench) -> None:
    for tags in (["night", "T1"], ["T1", "again"]):
        bench.run(tags=tags)
    assert [tag.name for tag in bench.qdash.get(TAGS).list_by_project(ADMIN)] == ["T1", "again", "night"]
    assert [
        backend.name for backend in bench.repositories.of(BackendRepository).list_by_project(PROJECT)
    ] == ["bench"]


@pytest.mark.every_store
def test_the_chips_of_a_cooldown_have_the_numbers_of_their_records_and_its_neighbours(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_task())
    cooldowns = bench.qdash.get(COOLDOWNS)
    bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    bench.add_chip("spare")
    cooldowns.create(ADMIN, "1", "K", chip_ids=[CHIP, "spare"])
    bench.run()
    bench.run()
    cooldowns.end(ADMIN, "1")
    bench.run()
    cooldowns.create(ADMIN, "2", "K", chip_ids=[CHIP])
    assert cooldowns.list_chips(ADMIN, "1") == [
        CooldownChip(CHIP, n_executions=2, n_results=2, previous_id=None, next_id="2"),
        CooldownChip("spare", n_executions=0, n_results=0, previous_id=None, next_id=None),
    ]
    assert cooldowns.list_chips(ADMIN, "2") == [
        CooldownChip(CHIP, n_executions=0, n_results=0, previous_id="1", next_id=None)
    ]
    with pytest.raises(NotFoundError, match="3"):
        cooldowns.list_chips(ADMIN, "3")


def test_every_change_of_a_cooldown_is_an_event(bench: Bench) -> None:
    cooldowns = bench.qdash.get(COOLDOWNS)
    cooldowns.assign(ADMIN, "1", CHIP)
    cooldowns.assign(ADMIN, "1", CHIP)
    cooldowns.unassign(ADMIN, "1", CHIP)
    ended = cooldowns.end(ADMIN, "1").ended_at
    cooldowns.delete(ADMIN, "1")
    found = [one for one in bench.list_events() if one.kind.startswith("cooldown.")]
    assert [one.kind.partition(".")[2] for one in found] == ["created", *["changed"] * 3, "deleted"]
    assert ended is not None
    assert found[-1].data == {
        "cooldown_id": "1", "cryo_id": "K", "username": "admin", "ended_at": ended.isoformat()
    }  # fmt: skip
