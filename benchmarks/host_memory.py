"""Memory of a host: idle, and while it reads, draws, imports, analyses and exports.

Each kind of request goes to a host of its own, from eight concurrent clients of four users. The peak is Linux's VmHWM.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.filled_store import CHIP, PROJECT, fill
from benchmarks.host import mix_of
from benchmarks.servers import PATIENCE_S, host, opened_store
from benchmarks.table import Row
from qdash_builtin.people.feature import MEMBERS, TOKENS, USERS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.task import TaskStatus
from qdash_core.models.token import TokenScope
from qdash_core.parsing.limits import JSON_EXPORT
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psutil

    from qdash_core.runtime.application import QDash

    Ask = Callable[[httpx.Client], int]

_USERS, _CLIENTS = 4, 8
_SETTLES_S = 2.0
_DRAWN = ("CheckRabi", "CheckT1", "CheckRamsey", "CreateHPIPulse", "RandomizedBenchmarking")


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Measure the peak of each kind of request, with a host for each."""
    with opened_store("SQLite", folder) as qdash:
        table = load_device("jakarta") if quick else None
        fill(qdash, stored=3_000 if quick else 60_000, table=table)
        tokens = _tokens(qdash)
        kinds = _kinds(qdash)
        for kind, asks in kinds.items():
            with host(folder, qdash.settings.store_url) as (process, address):
                time.sleep(_SETTLES_S)
                Path(f"/proc/{process.pid}/clear_refs").write_text("5", "ascii")  # resets the peak
                statuses = _all_answered(asks[:8] if quick else asks, address, tokens)
                unexpected = {status for status in statuses if status >= 400} - {429, 422}
                assert not unexpected, f"{kind}: {unexpected}"
                yield Row.of(f"peak memory of the host: {kind}", "MB", [_peak_mb(process)])


def _tokens(qdash: QDash) -> list[str]:
    """Return tokens of several editors, since the slots for slow requests are limited per user."""
    names = [f"client-{number}" for number in range(_USERS)]
    access, known = (
        qdash.access("admin"),
        {
            one.user.username
            for one in qdash.get(USERS).page(PageRequest(limit=LARGEST_PAGE), by="admin").items
        },
    )
    for name in names:
        if name not in known:
            qdash.get(USERS).create(name, by="admin")
            qdash.get(MEMBERS).invite(access, name)
            qdash.get(MEMBERS).accept(name, PROJECT)
    made = f"memory-{time.time_ns()}"
    return [qdash.get(TOKENS).create(name, made, scope=TokenScope.WRITE)[0] for name in names]


def _all_answered(asks: list[Ask], address: str, tokens: list[str]) -> list[int]:
    """Return the statuses of all requests, sent by concurrent clients."""

    def answered(number: int) -> list[int]:
        headers = {"authorization": f"Bearer {tokens[number % len(tokens)]}"}
        with httpx.Client(base_url=address, headers=headers, timeout=10 * PATIENCE_S) as client:
            return [ask(client) for ask in asks[number::_CLIENTS]]

    with ThreadPoolExecutor(_CLIENTS) as pool:
        return [status for statuses in pool.map(answered, range(_CLIENTS)) for status in statuses]


def _peak_mb(process: psutil.Process) -> float:
    lines = Path(f"/proc/{process.pid}/status").read_text("ascii").splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6


def _get(path: str) -> Ask:
    def ask(client: httpx.Client) -> int:
        with client.stream("GET", path) as response:
            for _ in response.iter_raw():
                pass
            return response.status_code

    return ask


def _post(path: str, content: bytes) -> Ask:
    headers = {"content-type": "application/json"}
    return lambda client: client.post(path, content=content, headers=headers).status_code


def _kinds(qdash: QDash) -> dict[str, list[Ask]]:
    """Return the requests of each kind."""
    access = qdash.access("admin")
    results = (
        qdash.get(RESULTS)
        .page(access, ResultQuery(chip_id=CHIP, status=TaskStatus.COMPLETED), PageRequest(200))
        .items
    )
    drawn = [one.task_id for one in results]
    executions = [one.execution_id for one in qdash.get(EXECUTIONS).newest(access)[:_CLIENTS]]
    reads = [_get(path) for paths in mix_of(qdash).values() for path in paths for _ in range(5)]
    figures = [_get(f"/task-results/{one}/figure") for one in drawn]
    thumbnails = [_get(f"/chips/{CHIP}/thumbnails?task={task}") for task in _DRAWN for _ in range(2)]
    refits = [_post(f"/task-results/{one}/refit", b"{}") for one in drawn[:100]]
    exports = [_get(f"/chips/{CHIP}/export?format={one}") for one in ("json", "yaml", "csv", "zip") * 4]
    archives = [_get(f"/executions/{one}/export") for one in executions]
    largest = _largest_chip()
    kinds = {
        "none": [],
        "reads: lists, searches, chip, values": reads * 4,
        "figures of results": figures,
        "thumbnails of a chip": thumbnails,
        "refits": refits,
        "exports of a chip": exports,
        "archives of executions": archives,
        "one import of the largest chip, JSON": [_import(largest)],
        "imports of the largest chip, JSON": [_import(largest)] * 4,
    }
    kinds["all of these at once"] = [ask for asks in zip_longest(*kinds.values()) for ask in asks if ask]
    return kinds


def _import(exported: bytes) -> Ask:
    """Return an import request under a name that no chip has."""

    def ask(client: httpx.Client) -> int:
        return _post(f"/chips/import?chip_id=import-{time.time_ns()}", exported)(client)

    return ask


def _largest_chip() -> bytes:
    """Return an exported chip near the limits: 8 MiB and 400,000 values."""
    value = {"value": 0.123456789, "unit": "a.u.", "task_id": "b" * 26}
    values = {str(at): {f"n{name:03}": value for name in range(95)} for at in range(1000)}
    sites = [{"id": qid, "row": None, "col": None, "mux": None} for qid in values]
    topology = {"name": "large", "qubits": sites, "couplings": []}
    chip = {"chip_id": "large", "backend": "fake", "size": 1000, "topology": topology, "qubits": values}
    text = json.dumps(chip, separators=(",", ":")).encode()
    assert 0.9 * JSON_EXPORT.size < len(text) <= JSON_EXPORT.size, len(text)
    return text
