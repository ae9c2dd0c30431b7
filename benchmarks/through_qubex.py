"""A flow through the library qubex on a simulated chip: time, controller calls, memory, and values against
the truth.

``python -m benchmarks.through_qubex --flow full --device square-lattice-mux-4 --qubits 0,1,3`` prints a row of a table,
and below it what is wrong or far from the truth. `examples/qubex-on-a-twin` has to be installed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.own_process import peak_memory_mb
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

    from benchmarks.two_qubits import Done, Estimate

_CHIP = "chip"
_FAR = 3.0
"""Pull above which an estimate is printed individually."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a flow on a fresh chip, and print its times and its values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flow", default="bring-up")
    parser.add_argument("--device", default="square-lattice-mux-16")
    parser.add_argument("--qubits", help="only these, with commas")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        qids = _made(Path(folder), given.device, given.qubits, given.seed)
        for line in _report(given.flow, qids):
            print(line)


def _made(folder: Path, device: str, qubits: str | None, seed: int) -> list[str]:
    """Create configuration folder, twin and chip as in docs/qubex.md, and return the qubits."""
    from qubex_on_a_twin.making import make, part_of

    home = folder / "home"
    os.environ["QDASH_HOME"] = str(home)
    table = load_device(device)
    if qubits:
        table = part_of(table, qubits.split(","))
    made = make(_CHIP, table, home=home, config=folder / "qubex-config", seed=seed, readout_as_designed=True)
    os.environ.update(made.environment(home))
    command = [
        str(Path(sys.executable).with_name("qdash")),
        "import",
        str(made.config),
        "--backend",
        "qubex",
        "--yes",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return [*table.qids]


def _report(flow: str, qids: Sequence[str]) -> Iterator[str]:
    with open_qdash(load_settings()) as qdash, _calls_counted() as calls:
        access = qdash.access("admin")
        calibration = CalibService("admin", _CHIP, qids=list(qids), qdash=qdash, progress=SilentProgress())
        calibration.run(QubitTargets(list(qids)), qdash.registry.flows()[flow].steps)
        ended = calibration.finish_calibration()
        execution, results = qdash.get(EXECUTIONS).show(access, ended.execution_id)
        truth = compute_truth_as_measured(qdash, access, _CHIP)
    done = [judged(one, truth["couplings" if "-" in one.qid else "qubits"][one.qid]) for one in results]
    states = Counter(str(one.status) for one in results)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cells = (
        len(qids),
        f"`{flow}`",
        f"{states['completed']} of {states.total()}",
        f"{calls['calls']:,}",
        f"{calls['payloads']:,}",
        f"{execution.elapsed_time:.0f} s",
        f"{used.ru_utime + used.ru_stime:.0f} s",
        f"{peak_memory_mb():.0f} MB",
        _within(done),
    )
    yield f"| {' | '.join(map(str, cells))} |"
    yield from (f"{one.task} {one.target}: {one.refusal}" for one in done if not one.through)
    yield from (
        f"{one.task} {one.target}: {found.name} {found.value:.8g} ± {found.error:.2g}, truth {found.truth:.8g}, "
        f"{found.pull:.1f} sigma"
        for one in done
        for found in one.estimates
        if found.pull is not None and found.pull > _FAR
    )


def _within(done: Sequence[Done]) -> str:
    """Return the numbers of accepted estimates within one and within two standard errors of the truth."""
    pulls = [
        pull for one in done if one.through for found in one.estimates if (pull := _pull(found)) is not None
    ]
    near = [sum(pull <= sigmas for pull in pulls) for sigmas in (1, 2)]
    return f"{near[0]}, {near[1]} of {len(pulls)}"


def _pull(found: Estimate) -> float | None:
    return found.pull


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
