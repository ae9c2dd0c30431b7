"""Latencies of a host under a steady load, on a store of a million results, which is kept in the folder."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING

import httpx

from benchmarks.filled_store import CHIP, RARE_WORD, fill
from benchmarks.servers import PATIENCE_S, host, memory_mb, opened_store
from benchmarks.table import Row
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_core.models.pages import PageRequest
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_core.runtime.application import QDash

RATE = 50
"""Requests per second, at random times."""
_PAGES = 20


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Fill the store, and load its host with all kinds of requests in turn."""
    stored, seconds = (3_000, 5) if quick else (1_000_000, 60)
    with opened_store(store, folder) as qdash:
        fill(qdash, stored=stored, table=load_device("jakarta") if quick else None)
        mix = mix_of(qdash)
        token, _ = qdash.get(TOKENS).create("admin", f"load-{time.time_ns()}")
        with host(folder, qdash.settings.store_url) as (process, address):
            before = sum(process.cpu_times()[:2])
            taken = asyncio.run(_load(address, token, mix, seconds))
            used = sum(process.cpu_times()[:2]) - before
            memory = memory_mb(process)
    of = f"{RATE} requests a second, {stored:,} results: {store}"
    for kind in mix:
        yield Row.of(f"{kind}, at {of}", "ms", taken[kind])
        yield Row.of(f"{kind}, slowest of a hundred, at {of}", "ms", [_percentile(taken[kind])])
    yield Row.of(f"processor of the host at {of}", "%", [100 * used / seconds])
    yield Row.of(f"memory of the host after {of}", "MB", [memory])


def mix_of(qdash: QDash) -> dict[str, list[str]]:
    """Return the paths of each kind of request: pages from everywhere in the history, words of every frequency."""
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
        "page of results": ["/task-results", *pages, *(f"/task-results?{one}" for one in filters)],
        "search": [f"/task-results?q={one}" for one in words],
    }


async def _load(
    address: str, token: str, mix: Mapping[str, list[str]], seconds: float
) -> Mapping[str, list[float]]:
    """Return the latencies of each kind, in ms; requests come at random times, whatever is not answered yet."""
    taken: dict[str, list[float]] = defaultdict(list)
    chance, kinds = random.Random(1), list(mix)
    headers = {"authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE_S) as client,
        asyncio.TaskGroup() as group,
    ):

        async def ask(kind: str) -> None:
            begun = time.perf_counter()
            (await client.get(chance.choice(mix[kind]))).raise_for_status()
            taken[kind].append((time.perf_counter() - begun) * 1e3)

        due = time.perf_counter()
        for number in range(int(RATE * seconds)):
            due += chance.expovariate(RATE)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(ask(kinds[number % len(kinds)]))
    return taken


def _percentile(taken: Sequence[float]) -> float:
    return sorted(taken)[int(0.99 * (len(taken) - 1))]
