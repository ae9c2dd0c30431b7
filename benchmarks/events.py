"""Latency of events for many listeners: `python -m benchmarks.events` measures it on a host of its own.

This process records events, one at a time, and receives them through as many connections as there are
listeners. A latency starts before the event is written, and ends when the last byte of its message has been
read.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.servers import host
from qdash_builtin.people.feature import TOKENS
from qdash_core import open_qdash
from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository
from qdash_core.settings import load_settings
from qdash_mongo.server import MongoServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.runtime.application import QDash

LISTENERS = 100
EVENTS = 200
_PAUSE_S = 0.1
_OF_A_TOKEN = 20
_PATIENCE_S = 60.0


def main() -> None:
    """Measure on both stores, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk that is to be measured")
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    given = parser.parse_args()
    print("| store | listeners | p50 ms | p99 ms | most ms | of a core | MB |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=given.folder, prefix=".benchmark-") as name:
        folder = Path(name)
        with MongoServer(folder / "mongod") as server:
            for store, url in (
                ("SQLite", f"sqlite:///{folder}/events.db"),
                ("MongoDB", server.url("events")),
            ):
                print(f"| {store} | {given.listeners} | {_measured(folder, url, given)} |")


def _measured(folder: Path, url: str, given: argparse.Namespace) -> str:
    with (
        open_qdash(load_settings(home=folder, store_url=url)) as qdash,
        host(folder, url) as (process, address),
    ):
        before, began = sum(process.cpu_times()[:2]), time.perf_counter()
        taken = sorted(heard_after_ms(qdash, address, listeners=given.listeners, events=given.events))
        share = (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - began)
        memory_mb = process.memory_info().rss / 1e6
    p99 = taken[int(0.99 * (len(taken) - 1))]
    return f"{statistics.median(taken):.0f} | {p99:.0f} | {taken[-1]:.0f} | {share:.0%} | {memory_mb:.0f}"


def heard_after_ms(qdash: QDash, address: str, *, listeners: int, events: int) -> list[float]:
    """Return the latencies of each event for each listener, in ms.

    Parameters
    ----------
    qdash : QDash
        QDash on the store of the host.
    address : str
        URL of the host, such as http://127.0.0.1:8000.
    listeners, events : int
        Number of listeners and of events.
    """
    tokens = [
        qdash.get(TOKENS).create("admin", f"events-{time.time_ns()}-{number}")[0]
        for number in range(-(-listeners // _OF_A_TOKEN))
    ]
    return asyncio.run(_played(qdash, address, [tokens[n // _OF_A_TOKEN] for n in range(listeners)], events))


async def _played(qdash: QDash, address: str, tokens: Sequence[str], events: int) -> list[float]:
    written: dict[str, float] = {}
    taken: list[float] = []
    places = urlsplit(address)
    streams = [await asyncio.open_connection(places.hostname, places.port) for _ in tokens]
    for (reader, writer), token in zip(streams, tokens, strict=True):
        writer.write(f"GET /events HTTP/1.1\r\nHost: host\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await reader.readuntil(b"\nid: ")
    async with asyncio.TaskGroup() as group:
        for reader, _ in streams:
            group.create_task(_hear(reader, events, written, taken))
        for number in range(events):
            await asyncio.sleep(_PAUSE_S)
            written[str(number)] = time.perf_counter()
            event = EventModel(project_id="default", kind="task.completed", task_id=str(number))
            await asyncio.to_thread(qdash.repositories.of(EventRepository).append, event)
    for _, writer in streams:
        writer.close()
    return taken


async def _hear(
    reader: asyncio.StreamReader, events: int, written: dict[str, float], taken: list[float]
) -> None:
    for _ in range(events):
        await reader.readuntil(b'"task_id":"')
        number = (await reader.readuntil(b'"'))[:-1].decode()
        await reader.readuntil(b"\n\n")
        taken.append((time.perf_counter() - written[number]) * 1e3)


if __name__ == "__main__":
    main()
