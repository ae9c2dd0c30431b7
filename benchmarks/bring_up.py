"""Whole bring-ups: comparison with the bare loop of the same measurements and fits, and time per part.

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
from benchmarks.stopwatch import PARTS, Stopwatch
from benchmarks.table import Row, spread
from qdash_core import CalibService, open_qdash
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENGINE, _BARE = "engine", "bare"


def rows(folder: Path, *, device: str, runs: int) -> Iterator[Row]:
    """Bring up fresh twins of `device`, with and without the engine in turn."""
    n_qubits = load_device(device).n_qubits
    samples: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(runs):
        for how in (_ENGINE, _BARE):
            home = folder / f"{device}-{how}-{number}"
            options = {"how": how, "device": device, "seed": number, "home": home}
            for part, value in measured_by("benchmarks.bring_up", **options).items():
                samples[how, part].append(value)
    bare = samples[_BARE, "total"]
    yield Row(f"bare loop of measurements and fits, {device}, {n_qubits} qubits", "s", *spread(bare))
    yield Row(
        f"bring-up of {device}, against the bare loop",
        "s",
        *spread(samples[_ENGINE, "total"]),
        against=bare,
    )
    for part in PARTS:
        each = [seconds / n_qubits * 1e3 for seconds in samples[_ENGINE, part]]
        yield Row(f"of which {part}, per qubit", "ms", *spread(each))
    memory = samples[_BARE, "memory"]
    yield Row(
        f"peak memory of the bring-up of {device}, against the bare loop",
        "MB",
        *spread(samples[_ENGINE, "memory"]),
        against=memory,
    )


def main() -> None:
    """Bring up one twin, and print the seconds of each part and the peak of memory, in MB."""
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
    watch = Stopwatch()
    with open_qdash(load_settings(home=home)) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), device, load_device(device), seed=seed)
        watch.start()
        with watch.on_the_parts():
            calibration = CalibService("admin", device, qdash=qdash)
            calibration.run(AllMuxTargets(), [BringUp()])
            calibration.finish_calibration()
        return watch.read()


if __name__ == "__main__":
    main()
