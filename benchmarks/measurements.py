"""Measurements of one revision: `python -m benchmarks.measurements NAME --home FOLDER`.

The same file runs in the environments of both revisions of a comparison, so it uses only what both have: commands, HTTP,
`qdash_analysis`, and the names of `qdash_core` for authors. Each line on standard input requests a sample; the response is
a line with a JSON list of numbers.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from importlib.metadata import entry_points
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.bare_sqlite import open_bare, write_bare
from benchmarks.fits import measure_fit
from benchmarks.null_laboratory import milliseconds, session
from benchmarks.null_plugin import installed
from benchmarks.own_process import convert_peak_to_mb
from benchmarks.servers import PATIENCE_S, answering, free_port, host, program
from qdash_core import open_qdash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Samples = Iterator[list[float]]

_LATTICE = "linear-16"
_SMALL, _LARGE = "guadalupe", "sherbrooke"
"""Devices of the bring-up, with 16 qubits, and of the chip in the store, with 127."""
_LARGEST = "square-lattice-mux-1024"
_QUBITS = 127
_VALUES = {
    **dict.fromkeys(("resonator_frequency", "readout_frequency", "qubit_frequency"), (5.0, "GHz")),
    **dict.fromkeys(
        ("readout_amplitude", "control_amplitude", "hpi_amplitude", "pi_amplitude"), (0.1, "a.u.")
    ),
    **dict.fromkeys(("hpi_length", "pi_length"), (30.0, "ns")),
    **dict.fromkeys(("drag_hpi_beta", "drag_pi_beta"), (0.3, "ns")),
    **dict.fromkeys(("t1", "t2_echo", "t2_star"), (90.0, "us")),
    **dict.fromkeys(("average_readout_fidelity", "x90_gate_fidelity"), (0.99, "")),
}
_TASK = "CheckResonatorSpectroscopy"
"""A task that needs no value of the chip."""
_READS = (
    *("/chips", f"/chips/{_LARGE}", f"/chips/{_LARGE}/qubits?limit=200", f"/chips/{_LARGE}/qubits/0"),
    *("/metrics/definitions", f"/metrics/chips/{_LARGE}", f"/metrics/chips/{_LARGE}/summary"),
    *("/executions", f"/task-results?chip_id={_LARGE}", f"/chips/{_LARGE}/runs"),
)
"""Requests of pages of the dashboard."""


def _durable_task(home: Path) -> Samples:
    with closing(open_bare(home / "bare.db")) as bare, _null_task(home, f"sqlite:///{home}/null.db") as task:
        while True:
            pairs = [(milliseconds(lambda: write_bare(bare)), milliseconds(task)) for _ in range(25)]
            bare_ms, null_ms = zip(*pairs, strict=True)
            yield [statistics.median(null_ms) / statistics.median(bare_ms)]


def _memory_task(home: Path) -> Samples:
    with _null_task(home, "memory://null") as task:
        while True:
            yield [min(milliseconds(task) for _ in range(100))]  # without interruptions by other processes


@contextmanager
def _null_task(home: Path, store_url: str) -> Iterator[Callable[[], object]]:
    """Yield a function that runs the null task on the next qubit, in one session on a store."""
    installed(home / "plugins")
    sys.path.insert(0, str(home / "plugins"))
    os.environ.update(QDASH_HOME=str(home), QDASH_STORE_URL=store_url)
    command = entry_points(group="console_scripts")["qdash"].load()
    # In this process, because a store in memory is another one elsewhere.
    with suppress(SystemExit):
        command(["chip", "create", _LATTICE, "--topology", _LATTICE, "--backend", "null"])
    qids = cycle(str(qid) for qid in range(16))
    with open_qdash() as qdash:
        orchestrator = session(qdash, _LATTICE)
        try:
            yield lambda: orchestrator.run_task("Null", next(qids))
        finally:
            orchestrator.complete()


def _bring_up(home: Path) -> Samples:
    for number in count():
        place = home / str(number)
        _run("twin", "create", _SMALL, "--device", _SMALL, home=place)
        yield list(_run("calibrate", _SMALL, "--flow", "bring-up", home=place))
        shutil.rmtree(place)


def _help(home: Path) -> Samples:
    while True:
        yield [statistics.median(_run("--help", home=home)[0] for _ in range(5))]


def _command(*arguments: str, prepare: Callable[[Path], None] | None = None) -> Callable[[Path], Samples]:
    """Return the measurement of a whole command in a home, by default with a large chip, in seconds."""

    def samples(home: Path) -> Samples:
        (prepare or _make_large_chip)(home)
        while True:
            yield [_run(*arguments, home=home)[0]]

    return samples


def _make_largest_chip(home: Path) -> None:
    _run("chip", "create", _LARGEST, "--topology", _LARGEST, "--backend", "fake", home=home)


def _fits(*kinds: str) -> Callable[[Path], Samples]:
    """Return the measurement of fits: the geometric mean of their times, each over that of `curve_fit`."""

    def samples(home: Path) -> Samples:
        while True:
            ratios = [_fit_ratio(kind) for kind in kinds]
            yield [math.prod(ratios) ** (1 / len(ratios))]

    return samples


def _fit_ratio(kind: str) -> float:
    """Return the time of a fit over that of `curve_fit`; the shortest of three times on each trace counts."""
    repeats = [measure_fit(kind, traces=15) for _ in range(3)]
    ours, plain = (sum(map(min, zip(*times, strict=True))) for times in zip(*repeats, strict=True))
    return float(ours / plain)


def _host_start(home: Path) -> Samples:
    _make_large_chip(home)
    while True:
        port, begun = free_port(), time.perf_counter()
        command = [program("qdash"), "api", "--port", str(port)]
        environment = {**os.environ, "QDASH_HOME": str(home)}
        with answering(command, port, path="/ready", env=environment) as (_, address):
            taken = time.perf_counter() - begun
            described_ms = milliseconds(
                lambda: httpx.get(f"{address}/openapi.json", timeout=PATIENCE_S).raise_for_status()
            )
        yield [taken, described_ms / 1e3]


def _reads(home: Path) -> Samples:
    _make_large_chip(home)
    create = [program("qdash"), "token", "create", "comparison", "--scope", "write", "--json"]
    made = subprocess.run(
        create, check=True, stdout=subprocess.PIPE, env={**os.environ, "QDASH_HOME": str(home)}
    )
    headers = {"authorization": f"Bearer {json.loads(made.stdout)['secret']}"}
    with (
        host(home, f"sqlite:///{home}/qdash.db") as (_, address),
        httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S) as client,
    ):
        for number in count():
            yield [statistics.median(_read_after_change(client, f"{number}.{turn}") for turn in range(5))]


def _read_after_change(client: httpx.Client, note: str) -> float:
    """Change the chip, so that no response is a cached one, and return the time of all reads, in ms."""
    client.put(f"/chips/{_LARGE}/note", json={"content": note}).raise_for_status()
    return milliseconds(lambda: [client.get(path).raise_for_status() for path in _READS])


def _make_large_chip(home: Path) -> None:
    """Create a twin with values for every qubit in a new home."""
    rows = [
        f"qubit,{qid},{name},{value},{value / 1000},{unit},2026-01-01T00:00:00Z"
        for qid in range(_QUBITS)
        for name, (value, unit) in _VALUES.items()
    ]
    table = home / "values.csv"
    table.write_text("\n".join(["kind,target,parameter,value,error,unit,calibrated_at", *rows]), "utf-8")
    _run("twin", "create", _LARGE, "--device", _LARGE, home=home)
    _run("import", str(table), "--chip", _LARGE, "--yes", home=home)


def _run(*arguments: str, home: Path) -> tuple[float, float]:
    """Run `qdash`; return its duration in s and its peak memory in MB, that of its own processes included."""
    environment = {**os.environ, "QDASH_HOME": str(home)}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [program("qdash"), *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(1)  # its last line on standard error tells the reason
    return taken, convert_peak_to_mb(usage)


MEASUREMENTS: dict[str, Callable[[Path], Samples]] = {
    "durable-task": _durable_task,
    "memory-task": _memory_task,
    "bring-up": _bring_up,
    "metrics": _command("metrics", _LARGE, "--json"),
    "chip-list": _command("chip", "list"),
    "executions": _command("executions", "list"),
    "dry-run": _command("calibrate", _LARGEST, "--flow", "full", "--dry-run", prepare=_make_largest_chip),
    "help": _help,
    "task-run": _command("task", "run", _TASK, "--chip", _LARGE, "--qid", "0"),
    "line-fits": _fits("resonator", "qubit spectroscopy"),
    "decay-fits": _fits("T1", "Ramsey"),
    "host-start": _host_start,
    "reads": _reads,
}
"""Endless samples of each measurement in a folder of its own; the first sample also prepares and warms."""


def main() -> None:
    """Respond to each line of standard input with a sample."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measurements", description=__doc__)
    parser.add_argument("name", choices=MEASUREMENTS)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    os.environ.pop("PYTHONPATH", None)  # what is measured does not find this folder
    with open(os.dup(1), "w", encoding="utf-8") as responses:  # noqa: PTH123  a descriptor, not a path
        os.dup2(2, 1)  # what else is printed goes to standard error
        with closing(MEASUREMENTS[given.name](given.home)) as samples:
            for _ in sys.stdin:
                print(json.dumps(next(samples)), file=responses, flush=True)


if __name__ == "__main__":
    main()
