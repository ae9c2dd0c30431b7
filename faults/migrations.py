"""Interrupted migrations from one store to another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faults.laboratory import PROJECT
from faults.record import examine
from qdash_builtin.home.repositories.iteration import checksum_entries, iterate_entries
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

_RESULTS = 4000
_KILLS = 3
_LATEST_S = 3.0
"""Latest time of a kill, in s: within the start of the process and the copying."""


def kill_migration(place: Place, number: int, rng: Random) -> Findings:
    """Kill a migration several times, complete it, and migrate back: all three stores have the same contents."""
    with place.laboratory() as source:
        _fill(source)
        target = source.elsewhere(place.url(source.home.parent, "target"))
        back = source.elsewhere(f"sqlite:///{source.home.parent}/back.db")
        migrate = ("store", "migrate", source.store_url, target.store_url)
        for _ in range(_KILLS):
            with source.start(*migrate) as command:
                time.sleep(rng.uniform(0.3, _LATEST_S))
                command.kill()
                command.ended()
        begun = time.time()
        source.does(*migrate)
        took_s = time.time() - begun
        source.does("store", "migrate", target.store_url, back.store_url)
        found = examine(source)
        found.take_in(examine(target))
        found.recovery_s.append(took_s)
        ours, theirs, again = _contents(source), _contents(target), _contents(back)
        found.acknowledged += sum(count for count, _ in ours.values())
        found.lost.extend(
            f"{name} is not the same there" for name in COLLECTIONS if ours[name] != theirs[name]
        )
        found.lost.extend(f"{name} is not the same back" for name in COLLECTIONS if ours[name] != again[name])
        return found


def _fill(laboratory: Laboratory) -> None:
    now = utc_now()
    with laboratory.opened() as qdash:
        qdash.repositories.of(TaskResultHistoryRepository).add(
            *(
                TaskResultModel(
                    project_id=PROJECT,
                    username="admin",
                    chip_id="bench",
                    execution_id="20200101-000",
                    task_id=f"result-{number}",
                    name=f"Task{number // 7}",
                    qid=str(number % 7),
                    status=TaskStatus.COMPLETED,
                    start_at=now,
                    end_at=now,
                )
                for number in range(_RESULTS)
            )
        )


def _contents(laboratory: Laboratory) -> dict[str, tuple[int, str]]:
    """Return the number of documents and the checksum of each collection."""
    with laboratory.opened() as qdash:
        return {
            name: checksum_entries(iterate_entries(qdash.store, collection))
            for name, collection in COLLECTIONS.items()
        }
