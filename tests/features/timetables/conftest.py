"""Timetables of a bench with a settable clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.home.feature import PRUNER
from qdash_builtin.record_lookup.newest_executions import iter_newest
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.timetables.clock import TimetableClock
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import Cron
from qdash_builtin.timetables.service import TimetableService
from qdash_core.models.request import RunRequest, TargetSelection

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, Bench, make_backend_by_chip, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from qdash_builtin.timetables.clock import TimetableOutcome
    from qdash_builtin.timetables.models.timetable import When
    from qdash_builtin.timetables.service import TimetableView
    from qdash_core.models.execution import EventModel

    from ...core.clock import Clock

MIDNIGHT = datetime(2026, 4, 2, tzinfo=UTC)
NIGHTLY = Cron(expression="0 0 * * *")


def make_request(flow: str = "Measure", chip_id: str | None = CHIP, **given: Any) -> RunRequest:
    """Return the request of a timetable: by default a task on qubit 0."""
    return RunRequest(flow=flow, chip_id=chip_id, **{"targets": TargetSelection(qubits=("0",)), **given})


class Night:
    """A bench with timetables, and a clock that starts at noon of 2026-04-01, UTC."""

    def __init__(self, bench: Bench, clock: Clock) -> None:
        self.bench, self.clock = bench, clock
        self.timetables = TimetableService(bench.qdash, bench.qdash.get(RUNS).submissions, clock=clock)
        self.timetable_clock = self.make_clock()

    def make_clock(self) -> TimetableClock:
        """Return the clock of another process."""
        qdash = self.bench.qdash
        return TimetableClock(
            qdash,
            qdash.get(RUNS).submissions,
            digests=qdash.get(DIGEST_DELIVERY),
            get_pruner=lambda: qdash.get(PRUNER),
            clock=self.clock,
            machine_clock=self.clock,
        )

    def add(self, name: str = "nightly", when: When = NIGHTLY, **given: Any) -> TimetableView:
        """Create a timetable of admin in UTC."""
        request = given.pop("request", make_request())
        return self.timetables.add(ADMIN, name, request, when, **{"timezone": "UTC", **given})

    def add_digest(self, chip_id: str = CHIP, *, since: str | None = None, **given: Any) -> TimetableView:
        """Create a timetable `morning` of admin in UTC, which sends digests at midnight."""
        name, when = given.pop("name", "morning"), given.pop("when", NIGHTLY)
        digest = DigestRequest(chip_id=chip_id, since=since)
        return self.timetables.add(ADMIN, name, None, when, digest=digest, **{"timezone": "UTC", **given})

    def look_at(self, now: datetime) -> list[TimetableOutcome]:
        """Move the clock and process due occurrences."""
        self.clock.now = now
        return self.timetable_clock.handle_due()

    def perform(self, execution_id: str) -> None:
        """Perform a run to its end, like a worker."""
        self.bench.qdash.get(RUNS).perform(PROJECT, execution_id, alone=False)
        self.bench.qdash.get(RUNS).queue.conclude(PROJECT, execution_id, died=False)

    def list_events(self, seq: int = 0) -> list[EventModel]:
        """Return the recorded events of occurrences."""
        return [
            one
            for one in self.bench.list_events(seq)
            if one.kind.startswith("timetable.") and "at" in one.data
        ]

    def list_kinds(self) -> list[str]:
        """Return the kinds of `told`."""
        return [one.kind.removeprefix("timetable.") for one in self.list_events()]

    @property
    def executions(self) -> list[str]:
        """All executions, in order."""
        return sorted(one.execution_id for one in iter_newest(self.bench.repositories, PROJECT))


class MakeNight(Protocol):
    """Creates a bench with timetables; settings by keyword."""

    def __call__(self, **given: Any) -> Night: ...


@pytest.fixture
def make_night(tmp_path: Path, store_url: str, no_settings: None, clock: Clock) -> Iterator[MakeNight]:
    """Function that creates a bench with timetables."""
    made: list[Night] = []

    def make(**given: Any) -> Night:
        bench = Bench.open(tmp_path, store_url, make_task(), backends=[make_backend_by_chip()], **given)
        made.append(Night(bench, clock))
        return made[-1]

    yield make
    for night in made:
        night.bench.qdash.close()


@pytest.fixture
def night(make_night: MakeNight) -> Night:
    """A bench with timetables."""
    return make_night()
