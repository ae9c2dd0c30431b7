"""Full, broken or write-protected disks: no partial write, an error, and a store that remains usable."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_sqlite.errors import make_store_error
from qdash_sqlite.file import make_url
from qdash_sqlite.store import SQLiteStore

from ..core.forked_programs import run_forked

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = """
import os, resource, sys
from pathlib import Path

sys.dont_write_bytecode = True  # of a module that does not fit Python would keep the beginning

folder, kind = Path(sys.argv[1]), sys.argv[2]
_, HARD = resource.getrlimit(resource.RLIMIT_FSIZE)

def limit_files(size):
    "Let no file of this process grow beyond so many bytes."
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, HARD))

def fill():
    "Leave no room on the disk that the folder is on."
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass

def limit_pages(store, number):
    for connection in store._connections._idle:
        connection.execute(f"PRAGMA max_page_count = {number}")

def make_full(store):
    if kind == "pages":
        limit_pages(store, 1)
    elif kind == "disk":
        fill()
    else:
        limit_files((folder / "qdash.db-wal").stat().st_size + 30_000)

def make_room(store):
    if kind == "pages":
        limit_pages(store, 1_000_000)
    elif kind == "disk":
        (folder / "filler").unlink()
    else:
        limit_files(HARD)
"""

STORE = (
    FULL
    + """
from qdash_core.errors import StoreUnavailableError
from qdash_sqlite.store import SQLiteStore
from qdash_sqlite.file import make_url

def write(number):
    with store.transaction(durable=bool(number % 2)) as transaction:
        for part in range(4):
            transaction.put("user", {"username": f"{number}-{part}", "text": "x" * 4000})

def count():
    with store.read() as snapshot:
        return snapshot.count("user", {})

store = SQLiteStore.open(make_url(folder / "qdash.db"))
write(0)
make_full(store)
written, said = 1, ""
while not said:
    try:
        write(written)
        written += 1
    except StoreUnavailableError as error:
        said = str(error)
assert "nothing was written" in said, said
for number in range(written, written + 3):
    try:
        write(number)
    except StoreUnavailableError:
        pass
    else:
        raise AssertionError("there was room after all")
assert count() == 4 * written, (count(), written)
make_room(store)
for number in range(written, written + 30):
    write(number)
assert count() == 4 * (written + 30)
store.close()
"""
)

RUN = (
    FULL
    + """
import json, logging, threading
from tests.core.bench import PROJECT, Bench, make_task
from qdash_core.runs.performance import run_to_end
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_sqlite.file import make_url
from qdash_core import TaskOutput

full = threading.Event()
said = []
waiting = logging.Handler()
waiting.emit = lambda record: said.append(record.getMessage())
logging.getLogger("qdash_core.repositories.retry").addHandler(waiting)

def measure(self, backend):
    if self.context.qid == "2" and not full.is_set():
        make_full(bench.qdash.store)
        full.set()
        threading.Timer(0.5, make_room, [bench.qdash.store]).start()

def analyse(self, result):
    return TaskOutput(note={"text": "x" * 40_000})

bench = Bench.open(folder, make_url(folder / "qdash.db"), make_task(gives={}, measure=measure, analyse=analyse))
execution = run_to_end(bench.make_service(), QubitTargets(["0", "2", "4"]), [CustomOneQubit(["Measure"])])
assert full.is_set()
found = [(one.qid, str(one.status), len(one.note["text"])) for one in bench.list_results(execution.execution_id)]
bench.qdash.close()
print(json.dumps([execution.status, found, said]))
"""
)

ARTIFACTS = (
    FULL
    + """
import json
from tests.core.bench import Bench, make_task
import numpy as np

from qdash_core import RawData
from qdash_core.runs.performance import run_to_end
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def run_group(cls, backend, tasks):
    noise = np.random.default_rng(0)
    sizes = [100_000 if one.context.qid == "2" else 10 for one in tasks]
    return [RawData({"signal": (noise.normal(size=size), "")}) for size in sizes]

bench = Bench.open(folder, "memory://", make_task(simultaneous=True, run_group=classmethod(run_group)))
limit_files(200_000)
execution = run_to_end(bench.make_service(), QubitTargets(["0", "2", "4"]), [CustomOneQubit(["Measure"])])
limit_files(HARD)
print(json.dumps({one.qid: [one.status, one.message, one.raw_data_path] for one in bench.list_results(execution.execution_id)}))
"""
)


def run(script: str, folder: Path, kind: str = "file size") -> Any:
    """Run a script in a process of its own with resource limits, and return its output."""
    return json.loads(run_forked(script, folder, kind) or "null")


@pytest.fixture(params=["file size", "pages", "disk"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the kind of limit that will fill it.

    If no small disk can be mounted, a limit on the file size replaces it.
    """
    kind = request.param
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(tmp_path)]
    mounted = (
        kind == "disk" and mount and not subprocess.run(command, capture_output=True, check=False).returncode
    )
    yield tmp_path, "file size" if kind == "disk" and not mounted else kind
    if mounted:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_leaves_what_was_written_whole_and_the_store_goes_on(full: tuple[Path, str]) -> None:
    folder, kind = full
    run(STORE, folder, kind)
    with sqlite3.connect(folder / "qdash.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_run_waits_for_room_and_loses_nothing(full: tuple[Path, str]) -> None:
    folder, kind = full
    status, found, said = run(RUN, folder, kind)
    assert status == "completed"
    assert "the store is away" in said[0]
    assert "the store is back" in said[-1]
    assert found == [[qid, "completed", 40_000] for qid in ("0", "2", "4")]


def test_a_target_whose_raw_data_have_no_room_fails_alone_and_leaves_no_file(tmp_path: Path) -> None:
    found = run(ARTIFACTS, tmp_path)
    assert [status for status, _, _ in found.values()] == ["completed", "failed", "completed"]
    _, message, kept = found["2"]
    assert "cannot be written" in message
    assert "File too large" in message
    assert kept == []
    kept_files = sorted(path for _, _, paths in found.values() for path in paths)
    files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(tmp_path / "artifacts")) for path in files) == kept_files


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (sqlite3.SQLITE_FULL, "make room"),
        (sqlite3.SQLITE_IOERR_WRITE, "look at its disk"),
        (sqlite3.SQLITE_IOERR_FSYNC, "look at its disk"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "who else"),
        (sqlite3.SQLITE_READONLY, "permissions"),
        (sqlite3.SQLITE_CANTOPEN, "still there"),
    ],
)
def test_what_may_pass_is_told_from_what_will_not(code: int, advice: str) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    found = make_store_error(Path("/data/qdash.db"), error)
    assert isinstance(found, StoreUnavailableError)
    assert str(found).startswith("/data/qdash.db: what SQLite says; nothing was written: ")
    assert advice in str(found)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR])
def test_a_broken_file_is_not_waited_for(code: int) -> None:
    error = sqlite3.DatabaseError("what SQLite says")
    error.sqlite_errorcode = code
    assert type(make_store_error(Path("/data/qdash.db"), error)) is StoreError


def test_a_file_that_is_away_and_comes_back_is_written_again(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "qdash.db", tmp_path / "elsewhere.db"
    store = SQLiteStore.open(make_url(path))
    path.rename(elsewhere)
    with pytest.raises(StoreUnavailableError, match="is no longer there"), store.transaction():
        pass
    elsewhere.rename(path)
    with store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})
    store.close()
    again = SQLiteStore.open(make_url(path))
    with again.read() as snapshot:
        assert snapshot.count("user", {}) == 1
    again.close()


def test_a_file_that_another_one_has_replaced_is_left_alone(tmp_path: Path) -> None:
    path, other = tmp_path / "qdash.db", tmp_path / "other.db"
    SQLiteStore.open(make_url(other)).close()
    store = SQLiteStore.open(make_url(path))
    other.replace(path)
    with pytest.raises(StoreError, match="another file has taken its place"), store.transaction():
        pass
    store.close()
