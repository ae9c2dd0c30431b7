"""Whole bring-ups: against the bare loop of the same measurements and fits, and split into parts.

Each runs in a process of its own, so that its peak of memory is its own: `python -m benchmarks.bring_up` is that process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.bare_loop import BareLoop
from benchmarks.table import Row, spread
from qdash_core import CalibService, open_qdash
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.settings import load_settings
from qdash_core.tasks.history_recorder import TaskHistoryRecorder
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_fake.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS = ("measure", "fit", "record", "everything else")
_ENGINE, _BARE = "engine", "bare"


def rows(folder: Path, *, device: str, runs: int) -> Iterator[Row]:
    """Bring up fresh twins of `device`, with the engine and without it in turn."""
    n_qubits = load_device(device).n_qubits
    samples: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(runs):
        for how in (_ENGINE, _BARE):
            home = folder / f"{device}-{how}-{number}"
            for part, value in _in_a_process(how, device, home, seed=number).items():
                samples[how, part].append(value)
    bare = samples[_BARE, "total"]
    yield Row(f"bare loop of measurements and fits, {device}, {n_qubits} qubits", "s", *spread(bare))
    yield Row(
        f"bring-up of {device}, against the bare loop",
        "s",
        *spread(samples[_ENGINE, "total"]),
        against=bare,
    )
    for part in _PARTS:
        each = [seconds / n_qubits * 1e3 for seconds in samples[_ENGINE, part]]
        yield Row(f"of which {part}, per qubit", "ms", *spread(each))
    memory = samples[_BARE, "memory"]
    yield Row(
        f"peak memory of the bring-up of {device}, against the bare loop",
        "MB",
        *spread(samples[_ENGINE, "memory"]),
        against=memory,
    )


def _in_a_process(how: str, device: str, home: Path, *, seed: int) -> dict[str, float]:
    arguments = ["--how", how, "--device", device, "--seed", str(seed), "--home", str(home)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bring_up", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    """Bring up one twin, and print how long what took, in s, and the peak of memory, in MB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--how", choices=(_ENGINE, _BARE), required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    measured = (_with_engine if given.how == _ENGINE else _without)(given.home, given.device, given.seed)
    # Linux counts in kB, macOS in bytes.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    measured["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(json.dumps(measured))


def _without(home: Path, device: str, seed: int) -> dict[str, float]:
    loop = BareLoop(home, load_device(device), seed=seed)
    begun = time.perf_counter()
    loop.run()
    return {"total": time.perf_counter() - begun}


def _with_engine(home: Path, device: str, seed: int) -> dict[str, float]:
    watch = _Stopwatch()
    with open_qdash(load_settings(home=home)) as qdash:
        create_twin_chip(qdash, "default", device, load_device(device), seed=seed, username="admin")
        begun = time.perf_counter()
        with _clocks(watch):
            calibration = CalibService("admin", device, qdash=qdash)
            calibration.run(AllMuxTargets(), [BringUp()])
            calibration.finish_calibration()
        total = time.perf_counter() - begun
    return {**watch.spent, "everything else": total - sum(watch.spent.values()), "total": total}


@contextmanager
def _clocks(watch: _Stopwatch) -> Iterator[None]:
    """Add up the time within the parts, for the length of a block."""
    timed: list[tuple[type, str, str]] = [
        *((task, "run_group", "measure") for task in TASKS),
        *((task, "postprocess", "fit") for task in TASKS),
        (FilesystemCalibDataSaver, "save_raw_data", "record"),
        (TaskHistoryRecorder, "record_state", "record"),
        (TaskHistoryRecorder, "record_outcome", "record"),
    ]
    with ExitStack() as stack:
        for owner, name, part in timed:
            stack.enter_context(patch.object(owner, name, _Timed(getattr(owner, name), watch, part)))
        yield


class _Stopwatch:
    """How long each part took; what a part calls is its own."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = dict.fromkeys(_PARTS[:-1], 0.0)
        self._running = False

    def time(self, part: str, method: Any, *arguments: Any, **named: Any) -> Any:
        if self._running:
            return method(*arguments, **named)
        begun, self._running = time.perf_counter(), True
        try:
            return method(*arguments, **named)
        finally:
            self._running = False
            self.spent[part] += time.perf_counter() - begun


class _Timed:
    """A method that also says how long it took. Bound ones (`run_group`) stay bound."""

    def __init__(self, method: Any, watch: _Stopwatch, part: str) -> None:
        self._method, self._watch, self._part = method, watch, part

    def __get__(self, instance: object, owner: type) -> Any:
        method = self._method if hasattr(self._method, "__self__") else self._method.__get__(instance, owner)
        return lambda *arguments, **named: self._watch.time(self._part, method, *arguments, **named)


if __name__ == "__main__":
    main()
