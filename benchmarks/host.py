"""Latencies of a host under a steady load, on a store of a million results: `python -m benchmarks.host
--folder FOLDER`.

The stores are made in the folder, which takes minutes, and are used again the next time. With `--lock 20` others write as well, and
another process holds the write lock of the SQLite store for 20 seconds in the middle of the load.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.filled_store import CHIP, RARE_WORD, fill
from benchmarks.servers import PATIENCE_S, answering, free_port, host, memory_mb, program, store_url
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_core import open_qdash
from qdash_core.models.pages import PageRequest
from qdash_core.models.token import TokenScope
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psutil

    from qdash_core.runtime.application import QDash

Mix = dict[str, list[str]]
RATE = 50
"""Requests per second, equal to the number of callers."""
WRITERS = 45
"""Number of callers that write, during the load with a lock."""
_PAGES = 20
_TOKENS = 600
"""Tokens of a load with a lock; each of them is first used at a different time."""


def main() -> None:
    """Run the benchmark and print a table for each store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--stores", nargs="+", choices=("SQLite", "MongoDB"), default=["SQLite", "MongoDB"])
    parser.add_argument(
        "--lock", type=float, metavar="SECONDS", help="Lock the SQLite store; measure only that."
    )
    given = parser.parse_args()
    if given.lock is not None:
        home = given.folder / "sqlite"
        _measure_locked(home, stored=given.stored, seconds=given.seconds, lock_s=given.lock)
        return
    for store in given.stores:
        home = given.folder / store.lower()
        with store_url(store, home) as url:
            _measure(store, home, url, stored=given.stored, seconds=given.seconds)


def _measure(store: str, home: Path, url: str, *, stored: int, seconds: int) -> None:
    with open_qdash(load_settings(home=home, store_url=url)) as qdash:
        fill(qdash, stored=stored)
        mix = mix_of(qdash)
        token, _ = qdash.get(TOKENS).create("admin", f"load-{time.time_ns()}")
    began = time.perf_counter()
    with host(home, url) as (process, address):
        started_s = time.perf_counter() - began
        print(f"\n{store}: answers {started_s:.2f} s after its start, {memory_mb(process):.0f} MB\n")
        answers = _answers(address, token, mix)
        _print_load("host", address, token, mix, home, seconds=seconds, server=process)
        print(f"\nmemory after the load: {memory_mb(process):.0f} MB\n")
        _print_thumbnails(address, token)
    (home / "answers.json").write_text(json.dumps(answers), "utf-8")
    with _bare(home / "answers.json") as (process, address):
        bare = {kind: [path for path in paths if path in answers] for kind, paths in mix.items()}
        _print_load(
            "bare FastAPI, the same bytes", address, token, bare, home, seconds=seconds, server=process
        )


def _measure_locked(home: Path, *, stored: int, seconds: int, lock_s: float) -> None:
    with store_url("SQLite", home) as url:
        with open_qdash(load_settings(home=home, store_url=url)) as qdash:
            fill(qdash, stored=stored)
            (home / "mix.json").write_text(json.dumps(mix_of(qdash)), "utf-8")
            named = f"lock-{time.time_ns()}"
            tokens = [qdash.get(TOKENS).create("admin", f"{named}-{one}")[0] for one in range(_TOKENS)]
            (home / "tokens.json").write_text(json.dumps(tokens), "utf-8")
            writing, _ = qdash.get(TOKENS).create("admin", named, scope=TokenScope.WRITE)
        record = home / "requests.jsonl"
        environment = {
            "HOST_WRITERS": str(WRITERS),
            "HOST_WRITE_TOKEN": writing,
            "HOST_WRITE_PATH": f"/chips/{CHIP}/note",
            "HOST_RECORD": str(record),
        }
        held: list[float] = []
        with host(home, url) as (process, address):
            locking = threading.Thread(
                target=_lock, args=(home / "qdash.db", (seconds - lock_s) / 2, lock_s, held)
            )
            locking.start()
            _load(address, home, seconds=seconds, users=RATE + WRITERS, environment=environment)
            locking.join()
            print(f"memory after the load: {memory_mb(process):.0f} MB\n")
    _print_phases([json.loads(line) for line in record.read_text("utf-8").splitlines()], *held)


def _lock(path: Path, after_s: float, seconds: float, held: list[float]) -> None:
    """Hold the write lock of a store after a delay, and record the times of both ends."""
    time.sleep(after_s)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_S)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        held.append(time.time())
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        held.append(time.time())


def _print_phases(requests: list[dict[str, float]], locked_at: float, free_at: float) -> None:
    phases = {
        "before": lambda at: at < locked_at,
        "during the lock": lambda at: locked_at <= at < free_at,
        "after": lambda at: at >= free_at,
    }
    print(
        "| | requests | done | refused (503) | failed | p50 ms | p99 ms | slowest ms |\n|---|---|---|---|---|---|---|---|"
    )
    for kind, writes in (("reads", False), ("writes", True)):
        for phase, is_in in phases.items():
            found = [one for one in requests if one["write"] == writes and is_in(one["at"])]
            done = sum(one["status"] < 400 and one["status"] > 0 for one in found)
            refused = sum(one["status"] == 503 for one in found)
            times = sorted(one["ms"] for one in found) or [float("nan")]
            half, most = times[len(times) // 2], times[min(len(times) - 1, int(0.99 * len(times)))]
            print(
                f"| {kind} {phase} | {len(found)} | {done} | {refused} | {len(found) - done - refused} | "
                f"{half:.0f} | {most:.0f} | {times[-1]:.0f} |"
            )


def mix_of(qdash: QDash) -> Mix:
    """Return the paths of each kind of request: pages from everywhere in the history, words of every
    frequency.
    """
    access, after, pages = qdash.access("admin"), None, []
    for _ in range(_PAGES):
        after = qdash.get(RESULTS).page(access, ResultQuery(), PageRequest(50, after)).next
        pages.append(f"/task-results?after={after}")
    filters = ("chip_id=sherbrooke", "status=failed", "task=CheckT1", "target=5", "verdict=flagged")
    words = ("decay", "signal+readout", "instrument", RARE_WORD, f"chi+{RARE_WORD}", "nothing-of-this")
    return {
        "latest values of a chip": [f"/metrics/chips/{CHIP}"],
        "chip": [f"/chips/{CHIP}"],
        "executions": ["/executions", f"/executions?chip_id={CHIP}"],
        "results": ["/task-results", *pages, *(f"/task-results?{one}" for one in filters)],
        "search": [f"/task-results?q={one}" for one in words],
    }


def _answers(address: str, token: str, mix: Mix) -> dict[str, str]:
    """Return the responses of the host to each request, by path without the query."""
    headers = {"authorization": f"Bearer {token}"}
    found = {}
    with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S) as client:
        for paths in mix.values():
            for path in paths:
                answer = client.get(path)
                answer.raise_for_status()
                found.setdefault(path, answer.text)
    return {path: text for path, text in found.items() if "?" not in path}


def _print_load(
    what: str, address: str, token: str, mix: Mix, folder: Path, *, seconds: int, server: psutil.Process
) -> None:
    (folder / "mix.json").write_text(
        json.dumps({kind: paths for kind, paths in mix.items() if paths}), "utf-8"
    )
    (folder / "tokens.json").write_text(json.dumps([token]), "utf-8")
    before = sum(server.cpu_times()[:2])
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    kinds = _load(address, folder, seconds=seconds, users=RATE, environment={})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    tool_s = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    host_s = sum(server.cpu_times()[:2]) - before
    print(f"| {what} | requests | failed | a second | p50 ms | p99 ms |\n|---|---|---|---|---|---|")
    for kind in kinds:
        times = {float(took): count for took, count in kind["response_times"].items()}
        print(
            f"| {kind['name']} | {kind['num_requests']} | {kind['num_failures']} | "
            f"{kind['num_requests'] / seconds:.1f} | {_quantile(times, 0.5):g} | {_quantile(times, 0.99):g} |"
        )
    print(f"\nof a core: server {host_s / seconds:.0%}, load tool {tool_s / seconds:.0%}\n")


def _load(
    address: str, folder: Path, *, seconds: int, users: int, environment: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Run the mix and the tokens of a folder in locust, and return its statistics of each kind of request."""
    done = subprocess.run(
        [
            *(program("locust"), "-f", Path(__file__).with_name("host_load.py")),
            *("--headless", "--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"),
            *("--host", address, "--json", "--only-summary", "--loglevel", "WARNING", "--stop-timeout", "10"),
            *("--exit-code-on-error", "0"),
        ],
        check=True,
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "HOST_MIX": str(folder / "mix.json"),
            "HOST_TOKENS": str(folder / "tokens.json"),
            **environment,
        },
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _quantile(times: Mapping[float, int], share: float) -> float:
    wanted, seen = share * sum(times.values()), 0
    for took in sorted(times):
        seen += times[took]
        if seen >= wanted:
            return took
    return float("nan")


def _print_thumbnails(address: str, token: str) -> None:
    print("| thumbnails of a chip, cold | pictures | ms |\n|---|---|---|")
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S) as client:
        tasks = [one["name"] for one in client.get("/tasks", params={"limit": 200}).json()["items"]]
        for task in sorted(tasks):
            began = time.perf_counter()
            found = client.get(f"/chips/{CHIP}/thumbnails", params={"task": task}).json()["thumbnails"]
            if found:
                print(f"| {task} | {len(found)} | {(time.perf_counter() - began) * 1e3:.0f} |")


@contextmanager
def _bare(answers: Path) -> Iterator[tuple[psutil.Process, str]]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_host", "--port", str(port), "--answers", str(answers)]
    with answering(command, port) as found:
        yield found


if __name__ == "__main__":
    main()
