"""Whole bring-ups: comparison with the bare loop of the same measurements and fits, and the time in which the instrument waits.

Each comparison runs in a process of its own, so that its peak of memory is its own: `python -m benchmarks.bring_up` is that process.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bare_loop import BareLoop
from benchmarks.own_process import measured_by, peak_memory_mb
from benchmarks.table import Row
from qdash_core import BaseBackend, CalibService, hookimpl, load_plugins, open_qdash
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.settings import load_settings
from qdash_fake.backend import FakeBackend
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_fake.laboratory import TwinLaboratory

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
    what = f"bring-up of {qubits} qubits, over the bare loop"
    yield Row.of(what, "s", samples[_ENGINE, "total"], against=bare)
    yield Row.of(f"peak memory of the {what}", "MB", samples[_ENGINE, "memory"], against=memory)
    for call_s in (0.1,) if quick else (0.1, 0.5, 2.0):
        what = f"bring-up of 7 qubits, calls of {call_s:g} s: the instrument waits"
        yield Row.of(what, "%", [_measure_idle_share(folder / f"idle-{call_s:g}", call_s)])


def _measure_idle_share(home: Path, call_s: float) -> float:
    """Return the share of the time from the first call to the last one in which there is no call, in %."""
    _TimedTwin.call_s, _TimedTwin.calls_s = call_s, (calls_s := list[tuple[float, float]]())
    _with_engine(home, "jakarta", 1, backend=_TimedBackend.name)
    return 100 * (1 - sum(end - begin for begin, end in calls_s) / (calls_s[-1][1] - calls_s[0][0]))


class _TimedTwin(TwinLaboratory):
    """Twin whose calls take a time; its own calculations are a part of it."""

    call_s, calls_s = 0.0, list[tuple[float, float]]()

    def measure(self, requests: Any, shots: Any) -> Any:
        begun_s = time.perf_counter()
        answers = super().measure(requests, shots)
        time.sleep(max(0.0, begun_s + self.call_s - time.perf_counter()))
        self.calls_s.append((begun_s, time.perf_counter()))
        return answers


class _TimedBackend(FakeBackend):
    """Backend of one instrument without a clock of its own."""

    name, simulated, max_parallel = "timed", False, 1

    def connect(self) -> None:
        super().connect()
        self.clock, self.laboratory.__class__ = None, _TimedTwin

    @hookimpl
    @staticmethod
    def qdash_backends() -> list[type[BaseBackend]]:
        return [_TimedBackend]


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


def _with_engine(home: Path, device: str, seed: int, backend: str | None = None) -> dict[str, float]:
    registry = load_plugins(extra={"timed": _TimedBackend}) if backend else None
    with open_qdash(load_settings(home=home), registry) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), device, load_device(device), seed=seed)
        begun = time.perf_counter()
        calibration = CalibService("admin", device, qdash=qdash, backend_name=backend)
        calibration.run(AllMuxTargets(), [BringUp()])
        calibration.finish_calibration()
        return {"total": time.perf_counter() - begun}


if __name__ == "__main__":
    main()
