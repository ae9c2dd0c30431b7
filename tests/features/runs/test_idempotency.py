"""Idempotent submission: a run with a key starts once, for any number of requests from anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import InvalidInputError
from qdash_core.errors import ConflictError, LockedError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.idempotency import IdempotencyModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.idempotency import IdempotencyRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, Bench, make_raising, make_task
from ...core.runs.crew import PATIENCE_S, Crew, make_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...core.conftest import MakeBench
    from ...core.runs.conftest import MakeCrew

KEY = "8d3c1c8e-7c0c-4a53-9c3c-1f2d8a9f5f0e"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task(), make_task("Broken", measure=make_raising(OSError("cable"))))


@pytest.fixture
def crew(bench: Bench) -> Iterator[Crew]:
    with Crew(bench) as crew:
        yield crew


@pytest.mark.every_store
def test_the_same_key_is_the_same_run_and_says_so(bench: Bench) -> None:
    runs = bench.qdash.get(RUNS)
    first, second = (runs.submissions.submit(ADMIN, make_request(), key=KEY) for _ in range(2))
    assert (first.replayed, second.replayed) == (False, True)
    assert first.execution == second.execution
    anywhere = bench.repositories.of(IdempotencyRepository).find_anywhere
    assert anywhere(KEY) == bench.repositories.of(IdempotencyRepository).find(PROJECT, ADMIN.username, KEY)
    assert anywhere("unused") is None
    assert [one.entry.execution_id for one in runs.queue.view.list_entries()] == [first.execution_id]
    assert runs.submissions.submit(ADMIN, make_request(), key="another").execution_id != first.execution_id
    assert len({runs.submissions.submit(ADMIN, make_request()).execution_id for _ in range(2)}) == 2, (
        "without a key"
    )


def test_a_key_stands_for_one_request_of_one_person(bench: Bench) -> None:
    run = bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), key=KEY)
    before = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    with pytest.raises(
        ConflictError, match=f"stands for another request, which became execution {run.execution_id}"
    ):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(tags=("other",)), key=KEY)
    with pytest.raises(ConflictError, match="stands for another request"):
        bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run.execution_id, key=KEY)
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == before
    bench.qdash.enroll("bob")
    theirs = bench.qdash.get(RUNS).submissions.submit(access_of("bob"), make_request(username="bob"), key=KEY)
    assert (theirs.replayed, theirs.execution_id == run.execution_id) == (False, False)


def test_what_was_answered_once_is_answered_again_whatever_has_changed(bench: Bench) -> None:
    run = bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), key=KEY, wait=False)
    bench.start_session()
    with pytest.raises(LockedError):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), wait=False)
    bench.qdash.get(RUNS).cancel(ADMIN, run.execution_id, wait=False)
    again = bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), key=KEY, wait=False)
    assert (again.replayed, again.execution.status) == (True, ExecutionStatus.CANCELLED)
    assert not again.advice, "it has ended"


@pytest.mark.every_store
def test_many_at_once_are_one_run(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task())
    asking = [
        crew.call_in_thread(bench.qdash.get(RUNS).submissions.submit, ADMIN, make_request(), key=KEY)
        for _ in range(8)
    ]
    answers = [one.result(PATIENCE_S) for one in asking]
    assert len({one.execution_id for one in answers}) == 1
    assert sorted(one.replayed for one in answers) == [False, *[True] * 7]
    assert len(bench.qdash.get(EXECUTIONS).newest(ADMIN)) == 1


def test_a_resume_and_a_rerun_are_asked_for_once_too(bench: Bench, crew: Crew) -> None:
    failed = crew.submit(flow="Broken")
    runs = bench.qdash.get(RUNS)
    crew.perform(failed)
    runs.queue.conclude(PROJECT, failed, died=False)
    resumed = [runs.submissions.submit_resume(ADMIN, failed, key="resume") for _ in range(2)]
    assert [(one.execution_id, one.replayed) for one in resumed] == [(failed, False), (failed, True)]
    crew.perform(failed)
    runs.queue.conclude(PROJECT, failed, died=False)
    assert runs.submissions.submit_resume(ADMIN, failed, key="resume").replayed, "also when it has run again"
    assert len(bench.get_execution(failed).attempts) == 2
    again = [runs.submissions.submit_rerun(ADMIN, failed, key="rerun") for _ in range(2)]
    assert [one.replayed for one in again] == [False, True]
    assert len({one.execution_id for one in again}) == 1
    request = again[0].execution.request
    assert request is not None
    assert request.since == failed


def test_a_request_that_is_refused_leaves_its_key_free(bench: Bench) -> None:
    with pytest.raises(InvalidInputError):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("Unknown"), key=KEY)
    assert not bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), key=KEY).replayed


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "schlüssel"])
def test_a_key_is_short_and_plain(bench: Bench, key: str) -> None:
    with pytest.raises(InvalidInputError, match="an idempotency key has up to 200 printable characters"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), key=key)


def test_keys_are_forgotten_with_the_events_of_their_time(bench: Bench, crew: Crew) -> None:
    crew.perform(bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), key=KEY).execution_id)
    keys = bench.repositories.of(IdempotencyRepository)
    old = keys.find(PROJECT, ADMIN.username, KEY)
    assert old is not None
    long_ago = utc_now() - timedelta(days=bench.qdash.settings.event_days + 1)
    keys.add(IdempotencyModel(**{**dict(old), "key": "old", "created_at": long_ago}))
    bench.run()
    assert keys.find(PROJECT, ADMIN.username, "old") is None
    assert keys.find(PROJECT, ADMIN.username, KEY) == old


def test_the_answer_says_whether_somebody_is_there_to_perform_it(bench: Bench, crew: Crew) -> None:
    runs = bench.qdash.get(RUNS)
    alone = runs.submissions.submit(ADMIN, make_request(), key=KEY)
    assert (alone.n_workers, alone.waits_for) == (0, "")
    assert "no worker is running" in alone.advice
    crew.register()
    attended = runs.submissions.submit(ADMIN, make_request(), key=KEY)
    assert (attended.n_workers, attended.advice) == (1, "")
    behind = runs.submissions.submit(ADMIN, make_request())
    assert behind.waits_for == f"execution {alone.execution_id} of admin, which is before it"
    with_lock = bench.start_session(chip_id=CHIP)
    waiting = runs.submissions.submit(ADMIN, make_request(), key=KEY)
    assert f"in use by execution {with_lock.execution.execution_id}" in waiting.waits_for


@pytest.mark.parametrize(
    ("former", "record"),
    [
        ({"execution_id": "20260105-001"}, ("execution", "20260105-001")),
        ({"execution_id": "", "value_event": 7}, ("value event", "7")),
        ({"execution_id": "", "issue_id": "3", "value_event": None}, ("issue", "3")),
        ({"execution_id": ""}, ("", "")),
    ],
)
def test_a_key_from_before_schema_14_still_names_its_record(
    former: dict[str, Any], record: tuple[str, str]
) -> None:
    found = IdempotencyModel(project_id=PROJECT, username="ann", key=KEY, request_sha256="0", **former)
    assert (found.noun, found.record_id) == record
