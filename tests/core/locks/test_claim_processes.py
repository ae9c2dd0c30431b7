"""Claims between real processes on two hosts, some are killed while they hold or wait for parts of an instrument."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.claims import Claim
    from qdash_core.repositories.store import Store

pytestmark = pytest.mark.parametrize(
    "store_url",
    [pytest.param("sqlite", marks=pytest.mark.slow), pytest.param("mongodb", marks=pytest.mark.release)],
    indirect=True,
)

PROCESSES, ROUNDS, KILLED, SEED = 8, 6, 3, 1
TTL_S = 0.5

RIVALS = """
import fcntl, multiprocessing, os, random, socket, sys, time
from contextlib import ExitStack
from pathlib import Path
from qdash_core import LockedError, load_plugins
from qdash_core.locks.lock import ExecutionLock

url, ttl_s, folder, processes, rounds, seed = sys.argv[1:]
store_class = load_plugins(blocked=()).store_class(url.partition(":")[0])
together = multiprocessing.get_context("fork").Barrier(int(processes))
for number in range(1, int(processes)):
    if os.fork() == 0:
        break
else:
    number = 0
if number % 2:
    socket.gethostname = lambda: "elsewhere"
rng, store = random.Random(f"{seed} {number}"), store_class.open(url)

def say(text):
    os.write(1, f"{os.getpid()} {text}\\n".encode())

together.wait(60)  # nobody is killed before that: a dead process would keep the lock of the barrier
say("lives")
for _ in range(int(rounds)):
    wanted = frozenset(rng.sample("abcd", rng.randint(1, 2))) if rng.random() < 0.8 else frozenset()
    lock = ExecutionLock(
        store, "bench", project_id="default", chip_id="chip", resources=wanted, ttl_s=float(ttl_s), on_lost=say
    )
    while True:
        try:
            lock.acquire()
            break
        except LockedError:
            time.sleep(rng.uniform(0.002, 0.02))
    with ExitStack() as stack:
        for name in wanted or "abcd":  # the system frees these when it kills the process
            file = stack.enter_context((Path(folder) / name).open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"overlap on {name}")
        time.sleep(rng.uniform(0, 0.05))
    lock.release()
store.close()
say("done")
if number == 0:
    for _ in range(int(processes) - 1):
        os.wait()
"""
"""Program of processes that use random parts of an instrument again and again, and say whether another one uses them, too."""


def test_no_two_processes_use_a_part_at_once_whoever_is_killed(
    store_url: str, store: Store, tmp_path: Path
) -> None:
    rng = random.Random(SEED)
    arguments = [store_url, TTL_S, tmp_path, PROCESSES, ROUNDS, SEED]
    with subprocess.Popen(
        [sys.executable, "-c", RIVALS, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        lives = [first.stdout.readline().split() for _ in range(PROCESSES)]
        pids = {int(pid) for pid, word in lives if word == "lives"}
        assert len(pids) == PROCESSES
        killed = rng.sample(sorted(pids - {first.pid}), KILLED)
        for pid in killed:
            time.sleep(rng.uniform(0.05, 0.4))
            with suppress(ProcessLookupError):  # on a busy machine all rounds may be over
                os.kill(pid, signal.SIGKILL)
            _require_disjoint(Repositories(store))
        said = [line.split(maxsplit=1) for line in first.stdout.read().splitlines()]
    assert first.returncode == 0
    assert {word for _, word in said} == {"done"}, said
    survivors = {int(pid) for pid, _ in said}
    assert survivors >= pids - set(killed), "everyone who was not killed got what it waited for"


def _require_disjoint(repositories: Repositories) -> None:
    claims: list[Claim] = []
    for lock in repositories.of(ExecutionLockRepository).list_all():
        assert not any(lock.claim.excludes(other) for other in claims)
        claims.append(lock.claim)
