"""Memory of a host: idle, and while it reads, draws, imports, analyses and exports. `python -m
benchmarks.host_memory --folder FOLDER`.

Each kind of request goes to a host of its own, from the given number of concurrent clients. The peak is
Linux's VmHWM.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.filled_store import CHIP, PROJECT, fill
from benchmarks.host import mix_of
from benchmarks.servers import PATIENCE_S, host, memory_mb, store_url
from qdash_builtin.people.feature import MEMBERS, TOKENS, USERS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import load_plugins, open_qdash
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.task import TaskStatus
from qdash_core.models.token import TokenScope
from qdash_core.parsing.limits import JSON_EXPORT, YAML
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import psutil

    from qdash_core.runtime.application import QDash

    Ask = Callable[[httpx.Client], int]

_USERS = 4
_SETTLES_S = 2.0
_DRAWN = ("CheckRabi", "CheckT1", "CheckRamsey", "CreateHPIPulse", "RandomizedBenchmarking")


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=60_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD")
    given = parser.parse_args()
    home = given.folder / "home"
    with store_url("SQLite", home) as url:
        with open_qdash(load_settings(home=home, store_url=url), load_plugins()) as qdash:
            fill(qdash, stored=given.stored)
            tokens = _tokens(qdash)
            kinds = _kinds(qdash, given.clients)
        print(
            "| requests | done | refused (429) | s | peak MB | afterwards MB |\n|---|---|---|---|---|---|",
            flush=True,
        )
        for kind, asks in kinds.items():
            if given.only and not any(word in kind for word in given.only):
                continue
            with host(home, url) as (process, address):
                time.sleep(_SETTLES_S)
                _print_row(kind, asks, process, address, tokens, given.clients)


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


def _print_row(
    kind: str, asks: list[Ask], process: psutil.Process, address: str, tokens: list[str], clients: int
) -> None:
    Path(f"/proc/{process.pid}/clear_refs").write_text("5", "ascii")  # resets the peak
    began = time.perf_counter()
    statuses = _all_answered(asks, address, tokens, clients)
    seconds = time.perf_counter() - began
    peak = _peak_mb(process)
    time.sleep(_SETTLES_S)
    done, refused = sum(status < 400 for status in statuses), statuses.count(429)
    unexpected = {status for status in statuses if status >= 400} - {429, 422}
    assert not unexpected, f"{kind}: {unexpected}"
    print(
        f"| {kind} | {done} | {refused} | {seconds:.1f} | {peak:.0f} | {memory_mb(process):.0f} |", flush=True
    )


def _all_answered(asks: list[Ask], address: str, tokens: list[str], clients: int) -> list[int]:
    """Return the statuses of all requests, sent by concurrent clients."""

    def answered(number: int) -> list[int]:
        headers = {"authorization": f"Bearer {tokens[number % len(tokens)]}"}
        with httpx.Client(base_url=address, headers=headers, timeout=10 * PATIENCE_S) as client:
            return [ask(client) for ask in asks[number::clients]]

    with ThreadPoolExecutor(clients) as pool:
        return [status for statuses in pool.map(answered, range(clients)) for status in statuses]


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


def _kinds(qdash: QDash, clients: int) -> dict[str, list[Ask]]:
    """Return the requests of each kind."""
    access = qdash.access("admin")
    results = (
        qdash.get(RESULTS)
        .page(access, ResultQuery(chip_id=CHIP, status=TaskStatus.COMPLETED), PageRequest(200))
        .items
    )
    drawn = [one.task_id for one in results]
    executions = [one.execution_id for one in qdash.get(EXECUTIONS).newest(access)[:clients]]
    reads = [_get(path) for paths in mix_of(qdash).values() for path in paths for _ in range(5)]
    figures = [_get(f"/task-results/{one}/figure") for one in drawn]
    thumbnails = [_get(f"/chips/{CHIP}/thumbnails?task={task}") for task in _DRAWN for _ in range(2)]
    refits = [_post(f"/task-results/{one}/refit", b"{}") for one in drawn[:100]]
    exports = [_get(f"/chips/{CHIP}/export?format={one}") for one in ("json", "yaml", "csv", "zip") * 4]
    archives = [_get(f"/executions/{one}/export") for one in executions]
    largest, wrong, yaml = _largest_chip(), _wrong_chip(), _largest_yaml()
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
        "imports of the largest wrong chip, JSON": [_import(wrong)] * 4,
        "imports of the largest chip, YAML": [_import(yaml)] * 4,
        "imports of tables of 1 MiB": [
            _post(f"/imports/comparison?name=a.csv&chip_id={CHIP}", _largest_table())
        ]
        * 8,
    }
    kinds["all of these at once"] = [ask for asks in zip_longest(*kinds.values()) for ask in asks if ask]
    return kinds


def _import(exported: bytes) -> Ask:
    """Return an import request under a name that no chip has."""

    def ask(client: httpx.Client) -> int:
        return _post(f"/chips/import?chip_id=import-{time.time_ns()}", exported)(client)

    return ask


def _exported(values: dict[str, Any], size: int) -> dict[str, Any]:
    sites = [{"id": str(at), "row": None, "col": None, "mux": None} for at in range(size)]
    topology = {"name": "large", "qubits": sites, "couplings": []}
    return {"chip_id": "large", "backend": "fake", "size": size, "topology": topology, "qubits": values}


def _largest_chip() -> bytes:
    """Return an exported chip near the limits: 8 MiB and 400,000 values."""
    value = {"value": 0.123456789, "unit": "a.u.", "task_id": "b" * 26}
    values = {str(at): {f"n{name:03}": value for name in range(95)} for at in range(1000)}
    text = json.dumps(_exported(values, 1000), separators=(",", ":")).encode()
    assert 0.9 * JSON_EXPORT.size < len(text) <= JSON_EXPORT.size, len(text)
    return text


def _wrong_chip() -> bytes:
    return json.dumps(_exported({"0": {f"n{at}": 1 for at in range(390_000)}}, 1)).encode()


def _largest_yaml() -> bytes:
    """Return an exported chip in YAML of about 2 MiB."""
    lines = [f"    n{name:03}: {{value: 0.5, unit: us}}" for name in range(70)]
    qubits = "\n".join(f"  '{at}':\n" + "\n".join(lines) for at in range(800))
    rest = {name: part for name, part in _exported({}, 800).items() if name != "qubits"}
    text = "".join(f"{name}: {json.dumps(part)}\n" for name, part in rest.items()) + f"qubits:\n{qubits}\n"
    assert 0.7 * YAML.size < len(text) <= YAML.size, len(text)
    return text.encode()


def _largest_table() -> bytes:
    """Return a table of values of 1 MiB."""
    rows = (
        f"{qubit},{name}_{at},81.0,us\n"
        for at in range(100)
        for qubit, name in product(range(127), ("t1", "t2_echo"))
    )
    return ("target,parameter,value,unit\n" + "".join(rows)).encode()[:1_000_000].rpartition(b"\n")[0]


if __name__ == "__main__":
    main()
