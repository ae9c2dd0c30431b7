"""Polling of executions, the queue and logs page by page, and of the runs on a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.feature import BACKENDS
from qdash_builtin.runs import queries
from qdash_builtin.runs.execution_lists import ExecutionFilter
from qdash_builtin.runs.feature import EXECUTIONS, LOGS, QUEUE
from qdash_builtin.runs.log_pages import MOST_CHARACTERS
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.errors import StaleError
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.queue import LogRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.used_names import BackendRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, Bench, make_backend_by_chip, make_task
from ...core.runs.crew import Crew

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task(), backends=[make_backend_by_chip()])


@pytest.fixture
def crew(bench: Bench) -> Iterator[Crew]:
    with Crew(bench) as crew:
        yield crew


@pytest.mark.every_store
def test_executions_are_paged_in_the_order_of_their_list(bench: Bench, crew: Crew) -> None:
    for number in range(3):
        crew.perform(crew.submit(tags=("odd",) if number % 2 else ("even",)))
    for _ in range(2):
        crew.submit()
    whole = [one.execution.execution_id for one in bench.qdash.get(EXECUTIONS).list_executions(ADMIN)]
    for limit in (1, 2, 5):
        found, request = [], PageRequest(limit=limit)
        while True:
            page = bench.qdash.get(EXECUTIONS).page(ADMIN, request)
            assert len(page.items) <= limit
            found += [one.execution.execution_id for one in page.items]
            if page.next is None:
                break
            request = PageRequest(limit=limit, after=page.next)
        assert found == whole
    even = bench.qdash.get(EXECUTIONS).page(
        ADMIN, PageRequest(limit=2), ExecutionFilter(statuses=["completed"], tags=["even"])
    )
    assert ([one.execution.tags for one in even.items], even.next) == ([["even"], ["even"]], None)
    for wrong in ({"statuses": ["odd"]}, {"chip_id": "nowhere"}):
        with pytest.raises(InvalidInputError):
            bench.qdash.get(EXECUTIONS).page(ADMIN, PageRequest(), ExecutionFilter(**wrong))


@pytest.mark.every_store
def test_a_page_looks_through_a_bounded_part_of_the_list(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_LOOKED_THROUGH", 2)
    runs = [crew.submit() for _ in range(5)]
    about = {"project_id": PROJECT, "username": "admin", "chip_id": CHIP, "execution_id": runs[4]}
    bench.repositories.of(TaskResultHistoryRepository).add(TaskResultModel(**about, task_id="r", name="Rare"))
    found, looked, request = [], 0, PageRequest()
    while True:
        page = bench.qdash.get(EXECUTIONS).page(ADMIN, request, ExecutionFilter(task="Rare"))
        found += [one.execution.execution_id for one in page.items]
        looked += 1
        if page.next is None:
            break
        request = PageRequest(after=page.next)
    assert (found, looked) == ([runs[4]], 3)


def test_an_execution_is_meant_by_its_id_or_its_flow_run(bench: Bench, crew: Crew) -> None:
    run = crew.submit()
    executions, uuid = bench.qdash.get(EXECUTIONS), bench.get_execution(run).flow_run_id
    assert uuid is not None
    assert (executions.require_id(ADMIN, run), executions.require_id(ADMIN, uuid)) == (run, run)
    for other in (run[:-1], uuid[:-1], "last", ""):
        with pytest.raises(NotFoundError, match="no execution"):
            executions.require_id(ADMIN, other)
    with pytest.raises(NotFoundError):
        executions.require_id(access_of("admin", "elsewhere"), uuid)
    assert executions.get_header(ADMIN, run).status == "scheduled"
    crew.begin(run)
    assert executions.get_header(ADMIN, run).status == "interrupted"


@pytest.mark.every_store
def test_the_queue_is_paged_in_its_order(bench: Bench, crew: Crew) -> None:
    runs = [crew.submit() for _ in range(3)]
    bench.qdash.get(QUEUE).move(ADMIN, runs[2], first=True)
    first = bench.qdash.get(QUEUE).page(ADMIN, PageRequest(limit=2))
    rest = bench.qdash.get(QUEUE).page(ADMIN, PageRequest(limit=2, after=first.next))
    assert [one.entry.execution_id for one in (*first.items, *rest.items)] == [runs[2], runs[0], runs[1]]
    assert rest.next is None


def test_a_place_in_the_queue_that_was_changed_meanwhile_is_not_changed(bench: Bench, crew: Crew) -> None:
    run, other = crew.submit(), crew.submit()
    queue = bench.qdash.get(QUEUE)
    read = queue.show(ADMIN, run).entry.updated_at
    queue.hold(ADMIN, other, as_of=queue.show(ADMIN, other).entry.updated_at)
    queue.hold(ADMIN, run, as_of=read)
    for change in (queue.hold, queue.release, queue.move):
        with pytest.raises(StaleError, match=f"the place of execution {run} in the queue was changed"):
            change(ADMIN, run, as_of=read)
    queue.release(ADMIN, run, as_of=queue.show(ADMIN, run).entry.updated_at)
    before = queue.show(ADMIN, run).entry.updated_at
    queue.move(ADMIN, run, as_of=before)
    assert queue.show(ADMIN, run).entry.updated_at > before
    with pytest.raises(NotFoundError, match="does not wait in the queue"):
        queue.show(ADMIN, "20000101-000")


def test_what_is_on_a_chip(bench: Bench, crew: Crew) -> None:
    bench.add_chip("other")
    crew.submit("other")
    waiting = crew.submit()
    session = bench.start_session()
    dead = bench.abandon(bench.start_session(chip_id="other"))
    here, there = (bench.qdash.get(QUEUE).get_chip_runs(ADMIN, chip) for chip in (CHIP, "other"))
    assert [one.lock.execution_id for one in here.locks] == [session.execution.execution_id]
    assert [(one.execution.execution_id, one.status) for one in here.running] == [
        (session.execution.execution_id, "running")
    ]
    assert [one.entry.execution_id for one in here.waiting] == [waiting]
    assert [(one.execution.execution_id, one.status) for one in there.running] == [(dead, "interrupted")]
    with pytest.raises(NotFoundError, match="no chip 'nowhere'"):
        bench.qdash.get(QUEUE).get_chip_runs(ADMIN, "nowhere")


@pytest.mark.every_store
def test_a_log_is_paged_and_followed_by_the_number_of_its_last_part(bench: Bench, crew: Crew) -> None:
    run, other = crew.submit(), crew.submit()
    logs = bench.repositories.of(LogRepository)
    for text in ("a\n", "b\n", "c\n"):
        logs.append(PROJECT, run, text)
        logs.append(PROJECT, other, "of another\n")
    first = bench.qdash.get(LOGS).page(ADMIN, run, PageRequest(limit=2))
    rest = bench.qdash.get(LOGS).page(ADMIN, run, PageRequest(limit=2, after=first.next))
    assert [one.text for one in (*first.items, *rest.items)] == ["a\n", "b\n", "c\n"]
    last = rest.items[-1].seq
    assert bench.qdash.get(LOGS).page(ADMIN, run, PageRequest(), since=last).items == []
    logs.append(PROJECT, run, "d\n")
    assert [one.text for one in bench.qdash.get(LOGS).page(ADMIN, run, PageRequest(), since=last).items] == [
        "d\n"
    ]
    with pytest.raises(NotFoundError):
        bench.qdash.get(LOGS).page(ADMIN, "20000101-000", PageRequest())


@pytest.mark.every_store
def test_a_page_of_a_log_is_of_bounded_length(bench: Bench, crew: Crew) -> None:
    run, half = crew.submit(), "x" * (MOST_CHARACTERS // 2)
    for text in (half, half, half, "y" * (MOST_CHARACTERS + 1), "end"):
        bench.repositories.of(LogRepository).append(PROJECT, run, text)
    sizes, request = [], PageRequest()
    while True:
        page = bench.qdash.get(LOGS).page(ADMIN, run, request)
        sizes.append(len(page.items))
        if page.next is None:
            break
        request = PageRequest(after=page.next)
    assert sizes == [2, 1, 1, 1]


def test_backends_are_those_installed_and_those_used(bench: Bench) -> None:
    bench.repositories.of(BackendRepository).ensure(PROJECT, ["gone"], username="alice")
    bench.run()
    found = {one.name: one for one in bench.qdash.get(BACKENDS).list_by_project(ADMIN)}
    assert (found["bench"].installed, found["gone"].installed) == (True, False)
    assert found["gone"].used is not None
    assert found["gone"].used.username == "alice"
    assert found["bench"].used is not None
    elsewhere = bench.qdash.get(BACKENDS).list_by_project(access_of("admin", "elsewhere"))
    assert [(one.name, one.used) for one in elsewhere if one.name in found] == [("bench", None)]
