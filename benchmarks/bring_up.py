"""Whole bring-ups: comparison with the bare loop of the same measurements and fits.

Each runs in a process of its own, so that its peak of memory is its own: `python -m benchmarks.bring_up` is that process.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bare_loop import BareLoop
from benchmarks.own_process import measured_by, peak_memory_mb
from benchmarks.table import Row
from qdash_core import CalibService, open_qdash
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENGINE, _BARE = "engine", "bare"


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Bring up fresh twins, with and without the engine in turn."""
    device = "jakarta" if quick else "sherbrooke"
    qubits = load_device(device).n_qubits
    samples: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(1 if quick else 3):
        for how in (_ENGINE, _BARE):
            home = folder / f"{how}-{number}"
            options = {"how": how, "device": device, "seed": number, "home": home}
            for part, value in measured_by("benchmarks.bring_up", **options).items():
                samples[how, part].append(value)
    bare, memory = samples[_BARE, "total"], samples[_BARE, "memory"]
    yield Row.of(f"bare loop of measurements and fits, {qubits} qubits", "s", bare)
    yield Row.of(
        f"bring-up of {qubits} qubits, over the bare loop", "s", samples[_ENGINE, "total"], against=bare
    )
    yield Row.of(
        f"peak memory of the bring-up of {qubits} qubits, over the bare loop",
        "MB",
        samples[_ENGINE, "memory"],
        against=memory,
    )


def main() -> None:
    """Bring up one twin, and print its seconds and its peak of memory, in MB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--how", choices=(_ENGINE, _BARE), required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    measured = (_with_engine if given.how == _ENGINE else _without)(given.home, given.device, given.seed)
    measured["memory"] = peak_memory_mb()
    print(json.dumps(measured))


def _without(home: Path, device: str, seed: int) -> dict[str, float]:
    loop = BareLoop(home, load_device(device), seed=seed)
    begun = time.perf_counter()
    if not loop.run():
        raise SystemExit("the bare loop: no analysis gave a value")
    return {"total": time.perf_counter() - begun}


def _with_engine(home: Path, device: str, seed: int) -> dict[str, float]:
    with open_qdash(load_settings(home=home)) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), device, load_device(device), seed=seed)
        begun = time.perf_counter()
        calibration = CalibService("admin", device, qdash=qdash)
        calibration.run(AllMuxTargets(), [BringUp()])
        calibration.finish_calibration()
        return {"total": time.perf_counter() - begun}


if __name__ == "__main__":
    main()
