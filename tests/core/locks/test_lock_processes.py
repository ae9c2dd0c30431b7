"""The instrument lock between real processes: many contenders, and one long suspended."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core.process.clock import utc_now

from ..forked_programs import ForkedProgram
from .sample_locks import find_lock, make_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Store

pytestmark = pytest.mark.parametrize(
    "store_url", ["sqlite", pytest.param("mongodb", marks=pytest.mark.slow)], indirect=True
)

MANY = {"sqlite": 20, "mongodb": 8}
"""Number of contending processes: each takes a while to reach a server."""

ONE = "default.chip.chip"

CONTENDERS = """
import multiprocessing, os, socket, sys
from qdash_core import LockedError, load_plugins
from qdash_core.locks.lock import ExecutionLock

url, ttl_s, host, *wanted = sys.argv[1:]
if host:
    socket.gethostname = lambda: host
store_class = load_plugins(blocked=()).store_class(url.partition(":")[0])
together = multiprocessing.get_context("fork").Barrier(len(wanted))
for one in wanted[1:]:
    if os.fork() == 0:
        break
else:
    one = wanted[0]

def say(text):
    os.write(1, f"{os.getpid()} {text}\\n".encode())

project_id, scope, chip = one.split(".")
lock = ExecutionLock(
    store_class.open(url), f"bench/default/{chip}", project_id=project_id, chip_id=chip, scope=scope,
    ttl_s=float(ttl_s), on_lost=say,
)
together.wait(60)
try:
    lock.acquire()
except LockedError as refused:
    say(refused)
else:
    say(f"holds {one}")
sys.stdin.read()
lock.release()
"""
"""Program of processes that request the lock at the same moment, and keep it until their standard input ends.
"""


@contextmanager
def start_contenders(
    url: str, *wanted: str, ttl_s: float = 30.0, host: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """Start a process for each requested lock, given as project.scope.chip, and end them afterwards."""
    process = ForkedProgram(
        CONTENDERS, url, ttl_s, host, *wanted, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate()


def read_answer(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return the process id and the answer that a process prints."""
    assert process.stdout is not None
    pid, _, answer = process.stdout.readline().strip().partition(" ")
    return pid, answer


def test_of_many_processes_one_runs_and_the_others_are_told_who(store_url: str) -> None:
    number = MANY[store_url.partition(":")[0]]
    with start_contenders(store_url, *[ONE] * number) as processes:
        answers = dict(read_answer(processes) for _ in range(number))
    winners = [pid for pid, answer in answers.items() if answer == f"holds {ONE}"]
    assert len(winners) == 1
    told = [answer for pid, answer in answers.items() if pid not in winners]
    assert len(told) == number - 1
    assert all(f"(process {winners[0]} on " in answer for answer in told), told


def test_processes_with_different_scopes_do_not_overlap(store_url: str) -> None:
    wanted = ["default.project.A", "default.chip.A", "default.chip.B"] * 2
    with start_contenders(store_url, *wanted) as processes:
        answers = [read_answer(processes)[1] for _ in wanted]
    assert sorted(answer for answer in answers if answer.startswith("holds")) in (
        ["holds default.project.A"],
        ["holds default.chip.A", "holds default.chip.B"],
    )


def test_processes_of_two_projects_do_not_share_an_instrument(store_url: str) -> None:
    wanted = ["default.chip.A", "other.chip.A", "default.project.A", "other.project.A"]
    with start_contenders(store_url, *wanted) as processes:
        answers = [read_answer(processes)[1] for _ in wanted]
    assert len([answer for answer in answers if answer.startswith("holds")]) == 1


def test_what_a_killed_process_held_is_taken_over_at_once(store_url: str, store: Store) -> None:
    with start_contenders(store_url, ONE, ttl_s=3600.0) as process:
        assert read_answer(process)[1] == f"holds {ONE}"
        process.kill()
        process.wait()
        assert find_lock(store) is not None
        successor = make_lock(store)
        successor.acquire()
        successor.release()


def test_a_process_that_was_suspended_for_too_long_finds_its_lock_lost(store_url: str, store: Store) -> None:
    """On this host others would wait for it: a suspended local process counts as alive."""
    with start_contenders(store_url, ONE, ttl_s=0.3, host="elsewhere") as process:
        assert read_answer(process)[1] == f"holds {ONE}"
        process.send_signal(signal.SIGSTOP)
        successor = make_lock(store, clock=lambda: utc_now() + timedelta(seconds=1))
        successor.acquire()
        process.send_signal(signal.SIGCONT)
        assert "was lost: another user released it or took it over" in read_answer(process)[1]
        process.communicate()
        left = find_lock(store)
        assert left is not None
        assert left.owner == successor.hold.owner
        successor.release()
