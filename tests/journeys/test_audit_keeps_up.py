"""Audit log under many concurrent writes: outcomes are recorded soon after the responses."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from .hosts import Host, run_host

if TYPE_CHECKING:
    from .command_line import CommandLine

CLIENTS, WRITES = 12, 400
STILL_PENDING = 50
"""Limit of pending outcomes: far above the number of concurrent requests, and far below a growing backlog
(above 100).
"""


@pytest.mark.slow
def test_outcomes_of_steady_writes_do_not_fall_behind(qdash: CommandLine) -> None:
    with run_host(qdash) as found:
        admin = found.set_up()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda number: _write(admin, number), range(WRITES)))
        assert _count_without_status(qdash) < STILL_PENDING


def _write(admin: Host, number: int) -> None:
    """Write until the host accepts it: on a busy machine the store may be locked for too long."""
    while (answer := admin.send_request("POST", "/tags", {"name": f"tag-{number}"})).status != 200:
        assert answer.status == 503, answer


def _count_without_status(qdash: CommandLine) -> int:
    assert qdash.home is not None
    with closing(sqlite3.connect(qdash.home / "qdash.db")) as store:
        counted = store.execute("SELECT COUNT(*) FROM audit WHERE json_extract(doc, '$.status') IS NULL")
        return int(counted.fetchone()[0])
