"""The host under a steady load, against a store of a million results: `python -m benchmarks.host --folder FOLDER`.

The stores are made in the folder, which takes minutes, and are used again the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.filled_store import CHIP, RARE_WORD, fill
from benchmarks.servers import PATIENCE_S, answering, free_port, host, memory_mb, program, store_url
from qdash_core import open_qdash
from qdash_core.models.pages import PageRequest
from qdash_core.results.searching import ResultQuery
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psutil

    from qdash_core.application import QDash

Mix = dict[str, list[str]]
RATE = 50
"""Requests in a second, as many as callers."""
_PAGES = 20


def main() -> None:
    """Measure, and print a table for each store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--stores", nargs="+", choices=("SQLite", "MongoDB"), default=["SQLite", "MongoDB"])
    given = parser.parse_args()
    for store in given.stores:
        home = given.folder / store.lower()
        with store_url(store, home) as url:
            _measure(store, home, url, stored=given.stored, seconds=given.seconds)


def _measure(store: str, home: Path, url: str, *, stored: int, seconds: int) -> None:
    with open_qdash(load_settings(home=home, store_url=url)) as qdash:
        fill(qdash, stored=stored)
        mix = mix_of(qdash)
        token, _ = qdash.tokens.create("admin", f"load-{time.time_ns()}")
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


def mix_of(qdash: QDash) -> Mix:
    """Return the paths of each kind of question: pages from everywhere in the history, words of every frequency."""
    access, after, pages = qdash.access("admin"), None, []
    for _ in range(_PAGES):
        after = qdash.results.page(access, ResultQuery(), PageRequest(50, after)).next
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
    """Return what the host answers to each question, by its path without the query."""
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
    before = sum(server.cpu_times()[:2])
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [
            *(program("locust"), "-f", Path(__file__).with_name("host_load.py")),
            *("--headless", "--users", str(RATE), "--spawn-rate", str(RATE), "--run-time", f"{seconds}s"),
            *("--host", address, "--json", "--only-summary", "--loglevel", "WARNING", "--stop-timeout", "5"),
        ],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "HOST_MIX": str(folder / "mix.json"), "HOST_TOKEN": token},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    tool_s = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    host_s = sum(server.cpu_times()[:2]) - before
    print(f"| {what} | requests | failed | a second | p50 ms | p99 ms |\n|---|---|---|---|---|---|")
    for kind in json.loads(done.stdout):
        times = {float(took): count for took, count in kind["response_times"].items()}
        print(
            f"| {kind['name']} | {kind['num_requests']} | {kind['num_failures']} | "
            f"{kind['num_requests'] / seconds:.1f} | {_quantile(times, 0.5):g} | {_quantile(times, 0.99):g} |"
        )
    print(f"\nof a core: server {host_s / seconds:.0%}, load tool {tool_s / seconds:.0%}\n")


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
