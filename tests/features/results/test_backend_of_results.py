"""Backend of results: each result names its backend, and can be found by it, for tasks of any plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import NotFoundError, Parameter
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.results import LatestResultRepository, TaskRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

ECHO = frozenset({"Echo"})


def make_drawn_task(**given: Any) -> type[BaseTask]:
    return make_task(figure=classmethod(lambda *_: {"data": [], "layout": {}}), **given)


def make_echo_backend(name: str = "bench") -> Any:
    return make_backend(name=name, offers=classmethod(lambda *_: ECHO))


def get_latest_result(bench: Bench) -> str:
    found = bench.repositories.of(LatestResultRepository).find(PROJECT, CHIP, "Measure", "0")
    assert found is not None
    return found.task_id


@pytest.mark.every_store
@pytest.mark.parametrize("written_for", [None, "bench"])
def test_a_result_names_the_backend_of_its_session(make_bench: MakeBench, written_for: str | None) -> None:
    bench = make_bench(make_task(backend=written_for))
    assert bench.run().backend == "bench"
    definitions = [
        (one.backend, one.name) for one in bench.repositories.of(TaskRepository).list_by_project(PROJECT)
    ]
    assert definitions == [(written_for, "Measure")]


def test_a_run_on_another_backend_than_the_chips_names_that_one(make_bench: MakeBench) -> None:
    bench = make_bench(make_drawn_task(), backends=[make_backend(), make_backend(name="rack")])
    measured = bench.run(backend_name="rack")
    assert measured.backend == "rack"
    assert bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id).backend == "rack"


def test_another_attempt_names_it_too(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(measure=make_raising(ConnectionError("lost")), retries=1),
        backends=[make_backend(transient_errors=(ConnectionError,))],
    )
    results = bench.list_results(bench.run().execution_id)
    assert [(one.attempt, one.backend) for one in results] == [(1, "bench"), (2, "bench")]


def test_what_a_backends_own_task_has_measured_goes_together_with_what_one_for_any_measures(
    make_bench: MakeBench,
) -> None:
    before = make_bench(make_drawn_task(backend="bench"))
    old = before.run()
    after = before.reinstall(make_drawn_task())
    assert after.qdash.get(RESULTS).figure(ADMIN, old.task_id) == {"data": [], "layout": {}}
    refit = after.qdash.get(RESULTS).refit(ADMIN, old.task_id)
    assert (refit.status, refit.refit_of, refit.backend) == (TaskStatus.COMPLETED, old.task_id, "bench")
    new = after.run()
    assert (new.backend, get_latest_result(after)) == (old.backend, new.task_id)


def test_a_run_of_a_backends_own_tasks_is_resumed_with_tasks_for_any(make_bench: MakeBench) -> None:
    gives = {"t2": Parameter(1.0)}
    before = make_bench(
        make_task(backend="bench"), make_task("Later", gives, backend="bench", measure=make_raising(OSError))
    )
    session = before.start_session()
    session.run_task("Measure", "0")
    session.run_task("Later", "0")
    stopped = session.cancel()
    after = before.reinstall(
        make_task(measure=make_raising(AssertionError("measured again"))), make_task("Later", gives)
    )
    session = after.start_session(execution_id=stopped.execution_id, resume=True)
    states = [session.run_task(name, "0").status for name in ("Measure", "Later")]
    session.complete()
    assert states == [TaskStatus.COMPLETED] * 2


@pytest.mark.parametrize(
    "now", [make_backend(), make_backend(name="rack")], ids=["it offers less", "it is not installed"]
)
def test_results_are_drawn_and_refitted_whatever_the_backend_offers_now(
    make_bench: MakeBench, now: Any
) -> None:
    before = make_bench(make_drawn_task(requires=ECHO), backends=[make_echo_backend()])
    measured = before.run()
    after = before.reinstall(make_drawn_task(requires=ECHO), backends=[now])
    assert after.qdash.get(RESULTS).figure(ADMIN, measured.task_id) == {"data": [], "layout": {}}
    assert after.qdash.get(RESULTS).refit(ADMIN, measured.task_id).status is TaskStatus.COMPLETED
    with pytest.raises(NotFoundError):
        after.run()


def test_old_results_that_name_no_backend_are_analysed_as_before(make_bench: MakeBench) -> None:
    """A task for any backend stored none in its results."""
    bench = make_bench(make_drawn_task())
    measured = bench.run()
    with bench.qdash.store.transaction() as transaction:
        found = transaction.get("task_result_history", (PROJECT, measured.task_id))
        assert found is not None
        transaction.put("task_result_history", {**found, "backend": None})
    assert bench.qdash.get(RESULTS).figure(ADMIN, measured.task_id) == {"data": [], "layout": {}}
    assert bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id).status is TaskStatus.COMPLETED
