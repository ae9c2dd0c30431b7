"""Removal of old data: references that keep results, shortened results, and interruptions."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.home.pruning.keep_request import KeepRequest, PrunedKind
from qdash_builtin.home.pruning.outcome import PrunedItem
from qdash_builtin.home.pruning.pruner import Pruner
from qdash_builtin.issues.feature import ISSUE_FILES, ISSUES
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.note_places import NotePlace, NoteScope
from qdash_builtin.record_lookup.provenance_edges import list_earlier
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.model import ResultUse
from qdash_builtin.results.result_reruns import make_rerun_request
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, NotFoundError, Parameter, StoreError, TaskOutput
from qdash_core.models.attachment import make_attachment_path
from qdash_core.models.queue import QueueEntryModel
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.repositories.executions import CalibrationNoteRepository, EventRepository, ExecutionRepository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.queue import LogRepository, QueueRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, Bench, make_backend, make_task

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from qdash_builtin.home.pruning.outcome import PruneOutcome
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Transaction

    from ...core.conftest import MakeBench

ALL = KeepRequest(raw=90, executions=90, events=90)
RAW, EXECUTIONS = KeepRequest(raw=90), KeepRequest(executions=90)


def in_100_days() -> datetime:
    """Return a time at which everything of a test is old."""
    return utc_now() + timedelta(days=100)


def prune(bench: Bench, keep: KeepRequest = ALL, *, applied: bool = True) -> PruneOutcome:
    """Prune the store of a bench in a hundred days."""
    late = Pruner(
        bench.qdash.store,
        bench.qdash.artifacts,
        clock=in_100_days,
        machine_clock=lambda: machine_now() + timedelta(days=100),
    )
    return late.prune(keep, applied=applied)


def has_raw_data(bench: Bench, result: TaskResultModel) -> bool:
    """Return whether a result names its raw data; its file exists exactly then."""
    named = bool(bench.get_stored(result).raw_data_path)
    assert bench.qdash.artifacts.exists(result.raw_data_file) is named
    return named


def is_stored(bench: Bench, result: TaskResultModel) -> bool:
    return bench.repositories.of(TaskResultHistoryRepository).find(PROJECT, result.task_id) is not None


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(
        make_task(), make_task("Use", {"t2": Parameter(1.0, 0.1, "us")}, needs=["t1"]), make_failing_task()
    )


def make_failing_task() -> type:
    def analyse(_task: object, _raw: object) -> TaskOutput:
        raise ValueError("no decay")

    return make_task("Fail", {"t3": Parameter(1.0, 0.1, "us")}, analyse=analyse)


@pytest.mark.every_store
def test_of_two_old_measurements_the_first_keeps_its_value_and_the_newest_everything(bench: Bench) -> None:
    first, second = bench.run(), bench.run()
    preview = prune(bench, applied=False)
    assert has_raw_data(bench, first)
    outcome = prune(bench)
    assert preview.removed[PrunedItem.RAW_FILES] == outcome.removed[PrunedItem.RAW_FILES]
    assert outcome.removed[PrunedItem.RAW_FILES].number == 1
    assert outcome.removed[PrunedItem.SHORTENED_RESULTS].number == 1
    assert outcome.kept == {ResultUse.NAMED: 1, ResultUse.SERIES: 1}
    assert not has_raw_data(bench, first)
    assert has_raw_data(bench, second)
    assert bench.get_stored(second) == second
    short = bench.get_stored(first)
    assert (short.output_parameters, short.verdict, short.start_at) == (
        first.output_parameters,
        first.verdict,
        first.start_at,
    )
    assert short.input_parameters == short.run_parameters == {}
    assert short.raw_data_pruned_at is not None
    assert short.details_pruned_at is not None


@pytest.mark.every_store
def test_the_history_of_a_value_stays_as_it_is(bench: Bench) -> None:
    for _ in range(3):
        bench.run()
    before = bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1").points
    prune(bench)
    after = bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1").points
    assert [(one.parameter, one.outcome, one.in_use) for one in after] == [
        (one.parameter, one.outcome, one.in_use) for one in before
    ]


@pytest.mark.every_store
def test_results_without_a_value_and_their_executions_are_removed_with_their_events_and_logs(
    bench: Bench,
) -> None:
    failed, trial = bench.run("Fail"), bench.run(saved=False)
    for name in ("Fail", "Measure"):
        bench.run(name)
    bench.repositories.of(LogRepository).append(PROJECT, failed.execution_id, "a line")
    outcome = prune(bench)
    assert not is_stored(bench, failed)
    assert not is_stored(bench, trial)
    for result in (failed, trial):
        assert not bench.qdash.artifacts.exists(result.raw_data_file)
        assert bench.repositories.of(ExecutionRepository).find(PROJECT, result.execution_id) is None
    assert outcome.removed[PrunedItem.EXECUTIONS].number == 2
    assert bench.repositories.of(EventRepository).list_since(PROJECT, 0) == []
    assert bench.repositories.of(LogRepository).list_by_execution(PROJECT, failed.execution_id) == []


@pytest.mark.every_store
def test_what_is_younger_stays(bench: Bench) -> None:
    results = [bench.run("Fail"), bench.run("Fail"), bench.run(), bench.run()]
    outcome = Pruner(bench.qdash.store, bench.qdash.artifacts).prune(ALL)
    assert outcome.removed == {}
    assert [bench.get_stored(one) for one in results] == results


def test_a_kind_that_is_not_named_stays(bench: Bench) -> None:
    first, failed = bench.run(), bench.run("Fail")
    bench.run()
    bench.run("Fail")
    prune(bench, RAW)
    assert not has_raw_data(bench, first)
    assert not has_raw_data(bench, failed)
    assert bench.get_stored(first).run_parameters == first.run_parameters
    assert bench.list_events() != []
    prune(bench, EXECUTIONS)
    assert not is_stored(bench, failed)
    assert bench.get_stored(first).details_pruned_at is not None


def test_without_the_kind_raw_a_result_with_raw_data_keeps_its_details(bench: Bench) -> None:
    first, _ = bench.run(), bench.run()
    prune(bench, EXECUTIONS)
    assert bench.get_stored(first) == first


@pytest.mark.every_store
def test_a_release_a_note_an_issue_a_comment_a_tag_and_a_decision_keep_results_whole(bench: Bench) -> None:
    released = bench.run()
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    tagged = bench.run(tags=["paper"])
    of_issue, of_comment, decided, noted = (bench.run() for _ in range(4))
    opened = bench.qdash.get(ISSUES).open(ADMIN, "odd decay", task_id=of_issue.task_id).issue
    bench.qdash.get(ISSUES).comment(ADMIN, opened.issue_id, f"as in {of_comment.task_id}")
    bench.qdash.get(VALUES).reject(ADMIN, decided.task_id, reason="a jump")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.TASK_RESULT, noted.task_id), "remember")
    named = [released, tagged, of_issue, of_comment, decided, noted]
    as_stored = [bench.get_stored(one) for one in named]
    for _ in range(2):
        bench.run()
    prune(bench)
    assert [bench.get_stored(one) for one in named] == as_stored
    assert all(has_raw_data(bench, one) for one in named)


@pytest.mark.every_store
def test_the_inputs_of_a_value_stay_without_their_raw_data(bench: Bench) -> None:
    source, user = bench.run(), bench.run("Use")
    bench.run()
    prune(bench)
    assert not has_raw_data(bench, source)
    assert bench.get_stored(source).details_pruned_at is None
    assert bench.get_stored(user) == user
    assert [
        one.object
        for one in list_earlier(
            bench.repositories.of(ProvenanceRepository), PROJECT, [f"result:{user.task_id}"]
        )
    ] == [f"result:{source.task_id}"]


@pytest.mark.every_store
def test_a_refit_and_its_original_share_their_raw_data_to_the_end(bench: Bench) -> None:
    original = bench.run()
    refit = bench.qdash.get(RESULTS).refit(ADMIN, original.task_id)
    prune(bench)
    assert has_raw_data(bench, original)  # the refit is the newest result
    bench.run()
    prune(bench)
    assert not has_raw_data(bench, original)
    assert bench.get_stored(refit).raw_data_path == []
    assert bench.get_stored(refit).output_parameters == refit.output_parameters


def test_a_waiting_resume_keeps_its_execution(bench: Bench) -> None:
    failed = bench.run("Fail")
    bench.run("Fail")
    now = utc_now()
    entry = QueueEntryModel(
        project_id=PROJECT,
        execution_id=failed.execution_id,
        username="admin",
        name="Fail",
        rank=1,
        submitted_at=now,
        created_at=now,
        updated_at=now,
    )
    bench.repositories.of(QueueRepository).put(entry)
    prune(bench)
    assert is_stored(bench, failed)
    assert has_raw_data(bench, failed)


@pytest.mark.every_store
def test_a_reference_that_is_added_during_the_removal_keeps_its_result(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = bench.run(), bench.run()

    begin, later = bench.qdash.store.transaction, [first.task_id]

    def refer_and_begin(**given: bool) -> AbstractContextManager[Transaction]:
        if later:
            bench.qdash.get(ISSUES).open(ADMIN, "odd decay", task_id=later.pop())
        return begin(**given)

    monkeypatch.setattr(bench.qdash.store, "transaction", refer_and_begin)
    prune(bench)
    assert has_raw_data(bench, first)
    assert bench.get_stored(first) == first


@pytest.mark.every_store
def test_a_file_that_an_interrupted_removal_left_is_removed_by_the_next_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = bench.run(), bench.run()

    def die(_path: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bench.qdash.artifacts, "remove", die)
        with pytest.raises(KeyboardInterrupt):
            prune(bench)
    assert bench.get_stored(first).raw_data_path == []
    assert bench.qdash.artifacts.exists(first.raw_data_file)
    assert prune(bench).removed[PrunedItem.RAW_FILES].number == 1
    assert not bench.qdash.artifacts.exists(first.raw_data_file)


def test_a_file_that_cannot_be_removed_is_reported_and_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = bench.run(), bench.run()

    def refuse(path: str) -> None:
        raise StoreError(f"{path} cannot be removed: the disk is read-only")

    with monkeypatch.context() as patch:
        patch.setattr(bench.qdash.artifacts, "remove", refuse)
        (failure,) = prune(bench).failures
    assert "read-only" in failure
    assert prune(bench).failures == []
    assert not bench.qdash.artifacts.exists(first.raw_data_file)


def test_a_second_removal_finds_nothing(bench: Bench) -> None:
    for name in ("Measure", "Use", "Fail") * 2:
        bench.run(name)
    prune(bench)
    again = prune(bench)
    assert again.removed == {}
    assert str(again) == "nothing was to be removed"


@pytest.mark.every_store
def test_calibration_notes_stay_if_they_are_needed_by_what_stays(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), backends=[make_backend(note={"a": 1})])
    results = [bench.run(), bench.run(tags=["paper"]), bench.run(), bench.run(), bench.run()]
    notes = Repositories(bench.qdash.store).of(CalibrationNoteRepository)
    before = notes.count({"project_id": PROJECT, "chip_id": CHIP})
    in_force = notes.get_latest(PROJECT, CHIP, until=results[1].start_at)
    outcome = prune(bench)
    left = notes.count({"project_id": PROJECT, "chip_id": CHIP})
    assert before - left == outcome.removed[PrunedItem.CALIBRATION_NOTES].number > 0
    assert notes.get_latest(PROJECT, CHIP, until=results[1].start_at) == in_force
    newest = notes.get_latest(PROJECT, CHIP)
    assert newest is not None
    assert newest.execution_id == results[-1].execution_id


def test_pruned_results_say_so_where_their_raw_data_or_inputs_are_needed(bench: Bench) -> None:
    first, _ = bench.run(), bench.run()
    prune(bench)
    with pytest.raises(NotFoundError, match=r"were removed on .* because of their age"):
        bench.qdash.get(RESULTS).load_raw_data(ADMIN, first.task_id)
    with pytest.raises(InvalidInputError, match=r"the inputs of result .* were removed on"):
        make_rerun_request(bench.qdash, ADMIN, first.task_id)


def test_an_unknown_project_and_an_age_below_a_day_are_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="no project 'other'"):
        Pruner(bench.qdash.store, bench.qdash.artifacts).prune(ALL, project_id="other")
    with pytest.raises(InvalidInputError, match="greater than or equal to 1"):
        KeepRequest.parse([(PrunedKind.RAW, "1h")])
    with pytest.raises(InvalidInputError, match="not a length of time"):
        KeepRequest.parse([(PrunedKind.RAW, "soon")])


def test_only_results_of_the_project_are_removed(bench: Bench) -> None:
    first, _ = bench.run(), bench.run()
    bench.add_project("other")
    late = Pruner(bench.qdash.store, bench.qdash.artifacts, clock=in_100_days)
    assert late.prune(ALL, project_id="other").removed == {}
    assert bench.get_stored(first).status is TaskStatus.COMPLETED
    assert has_raw_data(bench, first)


def test_attached_files_that_a_killed_process_left_without_a_record_are_removed_when_they_are_old(
    make_bench: MakeBench,
) -> None:
    bench = make_bench()
    qdash, now = bench.qdash, utc_now()
    issue = qdash.get(ISSUES).open(ADMIN, "Loose cable").issue
    named = qdash.get(ISSUE_FILES).add(ADMIN, issue.issue_id, "data.csv", b"a,b").path
    old, new = (make_attachment_path(PROJECT, "issue/1", at) for at in (now, now + timedelta(days=99)))
    other = make_attachment_path("other", "issue/1", now)
    for path in (old, new, other):
        qdash.artifacts.write(path, io.BytesIO(b"half"))
    listed = prune(bench, RAW, applied=False)
    assert (listed.removed[PrunedItem.RAW_FILES].number, listed.removed[PrunedItem.RAW_FILES].size) == (1, 4)
    assert {*qdash.artifacts.paths()} == {named, old, new, other}
    prune(bench, EXECUTIONS)
    assert {*qdash.artifacts.paths()} == {named, old, new, other}
    prune(bench, RAW)
    assert {*qdash.artifacts.paths()} == {named, new, other}
