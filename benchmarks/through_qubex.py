"""Flows through the library qubex on a simulated chip: time, controller calls, memory, and values against the truth.

Each flow runs in a process of its own: `python -m benchmarks.through_qubex` is that process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.own_process import measured_by, peak_memory_mb
from benchmarks.servers import program
from benchmarks.table import Row
from benchmarks.two_qubits import judged
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibService, open_qdash
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.progress import SilentProgress
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth_as_measured
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHIP = "chip"
_SOURCES = str(Path(__file__).parents[1] / "examples" / "qubex-on-a-twin" / "src")
"""Sources of the simulated controller."""
_UNITS = {
    "time": "s",
    "controller calls": "calls",
    "payloads": "payloads",
    "peak memory": "MB",
    "tasks not accepted": "tasks",
    "estimates within one standard error": "%",
    "estimates beyond five": "estimates",
}


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Bring up 16 qubits, and run `full` on three of them."""
    cases = [("bring-up", "0")] if quick else [("bring-up", ",".join(map(str, range(16)))), ("full", "0,1,3")]
    for flow, qubits in cases:
        found = measured_by("benchmarks.through_qubex", flow=flow, qubits=qubits, home=folder / flow)
        for what, unit in _UNITS.items():
            yield Row.of(
                f"`{flow}` of {qubits.count(',') + 1} qubits through qubex: {what}", unit, [found[what]]
            )


def main() -> None:
    """Run a flow on a fresh chip, and print its times and its values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flow", required=True)
    parser.add_argument("--qubits", required=True, help="with commas")
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    qids = given.qubits.split(",")
    sys.path.insert(0, _SOURCES)
    os.environ["PYTHONPATH"] = _SOURCES
    _make_chip(given.home, qids)
    print(json.dumps(_measure(given.flow, qids)))


def _make_chip(folder: Path, qids: Sequence[str]) -> None:
    """Create configuration folder, twin and chip as in docs/qubex.md."""
    from qubex_on_a_twin.making import make, part_of

    home = folder / "home"
    os.environ["QDASH_HOME"] = str(home)
    table = part_of(load_device("square-lattice-mux-16"), qids)
    made = make(_CHIP, table, home=home, config=folder / "qubex-config", seed=0, readout_as_designed=True)
    os.environ.update(made.environment(home))
    command = [program("qdash"), "import", str(made.config), "--backend", "qubex", "--yes"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _measure(flow: str, qids: Sequence[str]) -> dict[str, float]:
    with open_qdash(load_settings()) as qdash, _calls_counted() as calls:
        access = qdash.access("admin")
        calibration = CalibService("admin", _CHIP, qids=list(qids), qdash=qdash, progress=SilentProgress())
        calibration.run(QubitTargets(list(qids)), qdash.registry.flows()[flow].steps)
        ended = calibration.finish_calibration()
        execution, results = qdash.get(EXECUTIONS).show(access, ended.execution_id)
        truth = compute_truth_as_measured(qdash, access, _CHIP)
    done = [judged(one, truth["couplings" if "-" in one.qid else "qubits"][one.qid]) for one in results]
    pulls = [pull for one in done if one.through for e in one.estimates if (pull := e.pull) is not None]
    return {
        "time": execution.elapsed_time or 0.0,
        "controller calls": calls["calls"],
        "payloads": calls["payloads"],
        "peak memory": peak_memory_mb(),
        "tasks not accepted": sum(not one.through for one in done),
        "estimates within one standard error": 100 * sum(pull <= 1 for pull in pulls) / len(pulls),
        "estimates beyond five": sum(pull > 5 for pull in pulls),
    }


@contextmanager
def _calls_counted() -> Iterator[Counter[str]]:
    """Count the library's calls of the controller, and the payloads of these."""
    from qubex_on_a_twin.controller import TwinController

    counts: Counter[str] = Counter()
    executed = TwinController._executed

    @wraps(executed)
    def counted(self: TwinController, requests: Sequence[Any]) -> Any:
        counts["calls"] += 1
        counts["payloads"] += len(requests)
        return executed(self, requests)

    TwinController._executed = counted
    try:
        yield counts
    finally:
        TwinController._executed = executed


if __name__ == "__main__":
    main()
