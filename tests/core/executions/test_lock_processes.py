"""The lock between real processes: many at once, one that is suspended for too long."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core.models.base import utc_now

from .leases import held, lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Store

pytestmark = pytest.mark.parametrize("any_store_url", ["sqlite", "mongodb"], indirect=True)

PROCESSES = 20

CONTENDERS = """
import multiprocessing, os, socket, sys
from qdash_core import LockedError, load_plugins
from qdash_core.executions.lock import ExecutionLock

url, number, ttl_s, host = sys.argv[1:]
if host:
    socket.gethostname = lambda: host
store_class = load_plugins(blocked=()).store_class(url.partition(":")[0])
together = multiprocessing.get_context("fork").Barrier(int(number))
for _ in range(int(number) - 1):
    if os.fork() == 0:
        break

def say(text):
    os.write(1, f"{os.getpid()} {text}\\n".encode())

lock = ExecutionLock(store_class.open(url), "default", ttl_s=float(ttl_s), on_lost=say)
together.wait()
try:
    lock.acquire()
except LockedError as refused:
    say(refused)
else:
    say("holds it")
sys.stdin.read()
lock.release()
"""
"""Processes that want the lock at the same moment, and keep it until their standard input ends."""


@contextmanager
def contenders(
    number: int, url: str, *, ttl_s: float = 30.0, host: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """Start processes that want the lock, and end them."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONTENDERS, url, str(number), str(ttl_s), host],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate()


def said(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return which process says what."""
    assert process.stdout is not None
    pid, _, answer = process.stdout.readline().strip().partition(" ")
    return pid, answer


def test_of_twenty_processes_one_runs_and_the_others_are_told_who(any_store_url: str) -> None:
    with contenders(PROCESSES, any_store_url) as processes:
        answers = dict(said(processes) for _ in range(PROCESSES))
    winners = [pid for pid, answer in answers.items() if answer == "holds it"]
    assert len(winners) == 1
    told = [answer for pid, answer in answers.items() if pid not in winners]
    assert len(told) == PROCESSES - 1
    assert all(f"(process {winners[0]} on " in answer for answer in told), told


def test_a_process_that_was_suspended_for_too_long_finds_its_lease_lost(
    any_store_url: str, store: Store
) -> None:
    """On this host it would be waited for: what is suspended here is known to live."""
    with contenders(1, any_store_url, ttl_s=0.3, host="elsewhere") as process:
        assert said(process)[1] == "holds it"
        process.send_signal(signal.SIGSTOP)
        successor = lock(store, clock=lambda: utc_now() + timedelta(seconds=1))
        successor.acquire()
        process.send_signal(signal.SIGCONT)
        assert "was lost: somebody released it or took it over" in said(process)[1]
        process.communicate()
        left = held(store)
        assert left is not None
        assert left.owner == successor.owner
        successor.release()
