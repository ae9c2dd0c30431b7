"""Results that are kept between reads, on every store: they are the stored ones after each change."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core.models.execution import EventModel
from qdash_core.models.task import TaskResultModel, TaskStatus, TimedAttempt, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories import kept_reads
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.kept_reads import KeptResults
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range
from qdash_sqlite import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.store import Snapshot, Store

CHIP, OTHER = "a", "b"
BEGUN = utc_now()
RUN = {"execution_id": "20261121-000"}


class Laboratory:
    """Runs on a chip that schedule, start and end results, with decisions on them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.chance = random.Random(70)
        self.results: list[TaskResultModel] = []

    def change(self) -> None:
        """Make one of the changes that runs and users make."""
        waiting = [one for one in self.results if not one.status.terminal]
        ended = [one for one in self.results if one.status.terminal]
        act = self.chance.choice(["schedule", *["start", "end"] * bool(waiting), *["decide"] * bool(ended)])
        if act == "schedule":
            self.schedule()
        elif act == "decide":
            chosen = self.chance.choice(ended)
            chosen.verdict = self.chance.choice([*Verdict])
            self.put(chosen, "task.decided")
        else:
            chosen = self.chance.choice(waiting)
            chosen.start_at = chosen.start_at or BEGUN + timedelta(seconds=len(self.results))
            chosen.status = TaskStatus.RUNNING if act == "start" else TaskStatus.COMPLETED
            self.put(chosen, "" if act == "start" else "task.completed")

    def schedule(self) -> None:
        """Add a result that waits."""
        number = len(self.results)
        about = {"project_id": "p", "username": "admin", "name": f"Check{number}", "qid": "0"}
        chip_id, run = self.chance.choice([(CHIP, RUN["execution_id"]), (CHIP, "other"), (OTHER, "third")])
        result = TaskResultModel(**about, task_id=f"r{number}", chip_id=chip_id, execution_id=run)
        self.results.append(result)
        Repositories(self.store).of(TaskResultHistoryRepository).add(result)

    def put(self, result: TaskResultModel, kind: str) -> None:
        """Change a result, with an event if `kind` is not empty."""
        with self.store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.of(TaskResultHistoryRepository).put(result)
            if kind:
                subject = {"chip_id": result.chip_id, "execution_id": result.execution_id}
                tell(repositories, kind, task_id=result.task_id, **subject)


def tell(repositories: Repositories, kind: str, **subject: str) -> None:
    """Record an event."""
    repositories.of(EventRepository).append(EventModel(project_id="p", kind=kind, **subject))


def list_stored(snapshot: Snapshot, **where: object) -> dict[str, TimedAttempt]:
    results = Repositories(snapshot).of(TaskResultHistoryRepository)
    return {one.task_id: one for one in results.select_as(TimedAttempt, {"project_id": "p", **where})}


def are_stored(kept: KeptResults[TimedAttempt], snapshot: Snapshot) -> bool:
    """Return whether the kept results of a run, and those of a chip since a time, are those in a snapshot."""
    since, repositories = Range(least=BEGUN + timedelta(seconds=8)), Repositories(snapshot)
    of_run = kept.read(repositories, "p", RUN)
    of_chip = kept.read(repositories, "p", {"chip_id": CHIP}, start_at=since)
    stored = list_stored(snapshot, **RUN), list_stored(snapshot, chip_id=CHIP, start_at=since)
    return tuple({one.task_id: one for one in found} for found in (of_run, of_chip)) == stored


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of results that were read."""
    found: list[int] = []
    select = TaskResultHistoryRepository.select_as

    def counted(self: TaskResultHistoryRepository, *given: object, **options: object) -> list[object]:
        read: list[object] = select(self, *given, **options)  # type: ignore[arg-type]
        found.append(len(read))
        return read

    monkeypatch.setattr(TaskResultHistoryRepository, "select_as", counted)
    return found


@pytest.mark.every_store
def test_kept_results_are_the_stored_ones_after_each_change(store: Store) -> None:
    laboratory, kept = Laboratory(store), KeptResults(TimedAttempt, most=2)
    for _ in range(60):
        laboratory.change()
        with store.read() as snapshot:
            assert are_stored(kept, snapshot)


def test_an_older_snapshot_has_its_own_results(tmp_path: Path) -> None:
    with closing(SQLiteStore.open(f"sqlite:///{tmp_path}/qdash.db")) as store:
        laboratory, kept = Laboratory(store), KeptResults(TimedAttempt, most=2)

        def change_and_read() -> bool:
            laboratory.change()
            with store.read() as snapshot:
                return are_stored(kept, snapshot)

        with ThreadPoolExecutor(1) as other:
            for _ in range(40):
                with store.read() as former:
                    assert are_stored(kept, former)
                    assert other.submit(change_and_read).result()
                    assert are_stored(kept, former)


def test_an_ended_result_is_read_once_until_an_event_names_it(store: Store, rows: list[int]) -> None:
    laboratory, kept = Laboratory(store), KeptResults(TimedAttempt, most=2)
    for number in range(40):
        laboratory.schedule()
        laboratory.results[number].status = TaskStatus.COMPLETED
        laboratory.put(laboratory.results[number], "task.completed")
    with store.read() as snapshot:
        first = kept.read(Repositories(snapshot), "p", RUN)
    laboratory.put(
        next(one for one in laboratory.results if one.execution_id == RUN["execution_id"]), "task.decided"
    )
    tell(Repositories(store), "execution.running", execution_id="other")
    tell(Repositories(store), "chip.changed", chip_id=CHIP)
    rows.clear()
    with store.read() as snapshot:
        again = kept.read(Repositories(snapshot), "p", RUN)
    assert len(first) == len(again) > 5
    assert sum(rows) == 1


@pytest.mark.parametrize(("most", "kind"), [(0, "chip.changed"), (9, "chip.created"), (9, "")])
def test_after_many_events_an_import_or_the_removal_of_events_all_is_read_again(
    store: Store, rows: list[int], monkeypatch: pytest.MonkeyPatch, most: int, kind: str
) -> None:
    laboratory, kept = Laboratory(store), KeptResults(TimedAttempt, most=2)
    for _ in range(40):
        laboratory.change()
    with store.read() as snapshot:
        kept.read(Repositories(snapshot), "p", RUN)
        ended = sum(one.status.terminal for one in list_stored(snapshot, **RUN).values())
    if not kind:
        Repositories(store).of(EventRepository).prune("p", utc_now() + timedelta(seconds=1))
    tell(Repositories(store), kind or "chip.changed", chip_id=CHIP)
    monkeypatch.setattr(kept_reads, "_MOST_EVENTS", most)
    rows.clear()
    with store.read() as snapshot:
        found = kept.read(Repositories(snapshot), "p", RUN)
    assert sum(rows) >= len(found) >= ended > 2


def test_a_transaction_sees_its_own_changes_which_are_not_kept(store: Store) -> None:
    laboratory, kept = Laboratory(store), KeptResults(TimedAttempt, most=2)
    for _ in range(20):
        laboratory.change()
    chosen = next(one for one in laboratory.results if one.execution_id == RUN["execution_id"])
    changed = chosen.model_copy(update={"status": TaskStatus.FAILED, "start_at": BEGUN})
    with suppress(RuntimeError), store.transaction() as transaction:
        repositories = Repositories(transaction)
        repositories.of(TaskResultHistoryRepository).put(changed)
        found = {one.task_id: one.status for one in kept.read(repositories, "p", RUN)}
        assert found[chosen.task_id] is TaskStatus.FAILED
        raise RuntimeError
    with store.read() as snapshot:
        assert are_stored(kept, snapshot)
