"""Detection of truncated or extended SQLite files, but not of pages still in the log."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import StoreError
from qdash_sqlite import length as sqlite_length
from qdash_sqlite.file import make_url
from qdash_sqlite.header import read_header
from qdash_sqlite.length import find_length_mismatch
from qdash_sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

PAGE = 4096


def fill(store: SQLiteStore, number: int) -> None:
    with store.transaction() as transaction:
        for index in range(number):
            transaction.put("user", {"username": f"user {index}", "text": "x" * 2000})


def shorten(path: Path, by: int) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - by)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that is closed."""
    path = tmp_path / "qdash.db"
    store = SQLiteStore.open(make_url(path))
    fill(store, 50)
    store.close()
    return path


@pytest.fixture
def crashed(path: Path, tmp_path: Path) -> Path:
    """A store whose process died after it had grown: the new pages are in the log only."""
    store = SQLiteStore.open(make_url(path))
    fill(store, 200)
    (tmp_path / "crashed").mkdir()
    for end in ("", "-wal", "-shm"):
        shutil.copy(f"{path}{end}", tmp_path / "crashed")
    store.close()
    return tmp_path / "crashed" / "qdash.db"


def test_the_header_says_how_long_the_file_is(path: Path) -> None:
    header = read_header(path)
    assert (header.length, header.lacks_pages) == (path.stat().st_size, False)
    assert find_length_mismatch(path) is None
    shorten(path, PAGE)
    assert read_header(path).lacks_pages


@pytest.mark.parametrize("missing", [1, 1000, PAGE, PAGE + 1, 20 * PAGE])
def test_a_truncated_file_is_refused_and_left_as_it_is(path: Path, missing: int) -> None:
    shorten(path, missing)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"truncated: .* bytes.*store restore.*store recover"):
        SQLiteStore.open(make_url(path))
    assert path.read_bytes() == before


def test_what_follows_the_last_page_is_told_and_the_store_can_be_used(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"garbage")
    mismatch = find_length_mismatch(path)
    assert mismatch is not None
    assert (mismatch.is_truncated, mismatch.message[:7]) == (False, "7 bytes")
    store = SQLiteStore.open(make_url(path))
    assert "7 bytes" in store.soundness(within_s=1.0).problems[0]
    fill(store, 60)
    store.close()
    assert find_length_mismatch(path) is None


def test_a_file_whose_last_pages_are_in_the_log_is_not_truncated(crashed: Path) -> None:
    assert find_length_mismatch(crashed) is None
    store = SQLiteStore.open(make_url(crashed))
    with store.read() as snapshot:
        assert snapshot.count("user", {}) == 200
    store.close()
    assert find_length_mismatch(crashed) is None


def test_a_checkpoint_that_was_cut_off_is_not_damage(crashed: Path) -> None:
    with crashed.open("r+b") as file:  # the page with the length is the first one in the log
        header = bytearray(file.read(100))
        header[28:32] = (10_000).to_bytes(4, "big")
        file.seek(0)
        file.write(header)
    assert read_header(crashed).lacks_pages
    SQLiteStore.open(make_url(crashed)).close()
    assert find_length_mismatch(crashed) is None


def test_a_file_that_lost_pages_which_are_not_in_the_log_is_truncated(crashed: Path) -> None:
    shorten(crashed, 40 * PAGE)
    with pytest.raises(StoreError, match="truncated"):
        SQLiteStore.open(make_url(crashed))


def test_a_store_that_grows_and_shrinks_is_never_taken_for_damaged(path: Path) -> None:
    store = SQLiteStore.open(make_url(path))
    for number in (100, 300, 50):
        with store.transaction() as transaction:
            transaction.delete("user", {})
        fill(store, number)
        assert find_length_mismatch(path) is None
        SQLiteStore.open(make_url(path)).close()
    store.close()
    assert find_length_mismatch(path) is None


def test_what_can_be_read_of_a_truncated_file_is_recovered(path: Path) -> None:
    shorten(path, 1000)
    before = path.read_bytes()
    found = [one for one in SQLiteStore.readable(make_url(path), "user") if one is not None]
    shorten(path, PAGE)
    fewer = [one for one in SQLiteStore.readable(make_url(path), "user") if one is not None]
    assert 0 < len(fewer) <= len(found) <= 50
    assert path.read_bytes() == before[:-PAGE]


def test_a_log_that_another_process_empties_meanwhile_is_an_empty_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore.open(make_url(path))
    fill(store, 200)
    log = path.with_name(f"{path.name}-wal")
    committed = sqlite_length._read_committed_pages

    def emptied(file: BinaryIO, page_size: int, frames: int) -> set[int]:
        log.write_bytes(b"")
        return committed(file, page_size, frames)

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint")
        monkeypatch.setattr(sqlite_length, "_read_committed_pages", emptied)
        assert find_length_mismatch(path) is None
    store.close()
