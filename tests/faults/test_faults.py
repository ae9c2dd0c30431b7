"""All faults with a few repetitions; `uv run python -m faults` runs statistically significant numbers.

Faults marked for a release are repetitions on another store, or longer; the slow tests have smaller versions.
The quick tests have smaller versions: hanging tasks in tests/core/attempts/test_timeouts.py, crowds in
tests/core/locks/test_lock_processes.py, kills in tests/journeys/test_resume.py and
tests/journeys/test_own_flow.py, those of workers in tests/journeys/test_worker.py, those of holders of parts of
an instrument in tests/core/locks/test_claim_processes.py, cancellations in
tests/journeys/test_cancellation.py, outages in tests/mongo/test_restart.py, clocks and numbers in
tests/core/record, migrations in tests/features/home/test_migration.py, full disks in tests/sqlite.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from faults import crowds, host, outages
from faults.catalogue import FAULTS
from faults.commands import ROOT
from faults.laboratory import MONGODB, SQLITE, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from faults.laboratory import Place

SLOW = (
    ("hang", SQLITE, 1),
    ("crowd", SQLITE, 1),
    ("fail", SQLITE, 1),
    ("kill", SQLITE, 1),
    ("kill-host", SQLITE, 1),
    ("away", MONGODB, 1),
    ("die", MONGODB, 1),
    ("no-space", SQLITE, 1),
    ("cancel", SQLITE, 1),
    ("cancel-hanging", MONGODB, 1),
)
RELEASE = (
    ("hang", SQLITE, 3),
    ("fail", SQLITE, 3),
    ("cancel", SQLITE, 2),
    ("cancel-http", SQLITE, 2),
    ("kill", MONGODB, 1),
    ("kill-full", SQLITE, 1),
    ("kill-own-flow", SQLITE, 1),
    ("kill-worker", SQLITE, 1),
    ("kill-worker", MONGODB, 1),
    ("kill-waiting", SQLITE, 1),
    ("kill-waiting", MONGODB, 2),
    ("kill-claims", SQLITE, 5),
    ("kill-claims", MONGODB, 2),
    ("kill-host", MONGODB, 1),
    # After a lost response a commit is verified for a minute before a run gives up.
    ("away-for-good", MONGODB, 1),
    ("primary-restart", MONGODB, 2),
    ("clock", SQLITE, 1),
    ("clock", MONGODB, 1),
    ("one-qubit", SQLITE, 1),
    ("one-qubit", MONGODB, 1),
    ("migrate", SQLITE, 1),
    ("numbers", MONGODB, 1),
    ("much", SQLITE, 1),
    ("file-size", SQLITE, 1),
)


@pytest.fixture(scope="session")
def place_of(
    tmp_path_factory: pytest.TempPathFactory, prepared_processes: None
) -> Iterator[Callable[[str], Place]]:
    """Function that returns a place on a store, created on first use."""
    with ExitStack() as stack:
        places: dict[str, Place] = {}

        def find(store: str) -> Place:
            if store not in places:
                places[store] = stack.enter_context(place(store, tmp_path_factory.mktemp(store)))
            return places[store]

        yield find


def test_every_fault_is_among_them() -> None:
    assert {name for name, _, _ in SLOW + RELEASE} == set(FAULTS)


@pytest.mark.parametrize(
    ("name", "store", "times"),
    [
        pytest.param(*one, marks=marks, id="-".join(map(str, one)))
        for group, marks in ((SLOW, pytest.mark.slow), (RELEASE, pytest.mark.release))
        for one in group
    ],
)
def test_nothing_is_lost(
    name: str,
    store: str,
    times: int,
    place_of: Callable[[str], Place],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault = FAULTS[name]
    if not fault.possible():
        pytest.skip("a small file system cannot be mounted here")
    # Enough to matter, but few enough to be fast.
    monkeypatch.setattr(crowds, "CROWD", 3)
    monkeypatch.setattr(crowds, "PROCESSES", 3)
    monkeypatch.setattr(crowds, "UPDATES", 30)
    monkeypatch.setattr(host, "KILLS", 2)
    monkeypatch.setattr(outages, "OUTAGE_S", 1.0)
    monkeypatch.setenv("FAULTS_MUCH", "5000000")

    found = fault.repeated(place_of(store), times)

    assert found.problems == []
    assert found.times == times


@pytest.mark.release
@pytest.mark.timeout(1500)
def test_days_of_a_laboratory_pass_under_faults(tmp_path: Path) -> None:
    # In a process of its own: it tells processes by their command lines, which forks of a prepared process do not have.
    days = ("--days", "2", "--device", "jakarta", "--folder", str(tmp_path))
    command = [sys.executable, "-m", "faults.soak", *days]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
