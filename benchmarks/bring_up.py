"""The demo's bring-up, split into what measures, what fits, and what records."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

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
    from pathlib import Path

_PARTS = ("measure", "fit", "record", "everything else")


def rows(folder: Path, *, device: str, runs: int) -> Iterator[Row]:
    """Bring up fresh twins of `device` and split the time per qubit."""
    table = load_device(device)
    samples: dict[str, list[float]] = defaultdict(list)
    for number in range(runs):
        for part, seconds in _split(folder / f"{device}-{number}", device, seed=number).items():
            samples[part].append(seconds / table.n_qubits * 1e3)
    yield Row(f"bring-up of {device}, per qubit", "ms", *spread(samples["total"]))
    for part in _PARTS:
        yield Row(f"of which {part}", "ms", *spread(samples[part]))


def _split(home: Path, device: str, *, seed: int) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    with open_qdash(load_settings(home=home)) as qdash:
        create_twin_chip(qdash, "default", device, load_device(device), seed=seed, username="admin")
        begun = time.perf_counter()
        with _clocks(spent):
            calibration = CalibService("admin", device, qdash=qdash)
            calibration.run(AllMuxTargets(), [BringUp()])
            calibration.finish_calibration()
        total = time.perf_counter() - begun
    return {**spent, "everything else": total - sum(spent.values()), "total": total}


@contextmanager
def _clocks(spent: dict[str, float]) -> Iterator[None]:
    """Add up the time within the parts, for the length of a block."""
    timed = [(task, "run_group", "measure") for task in TASKS] + [
        (task, "postprocess", "fit") for task in TASKS
    ]
    timed += [
        (FilesystemCalibDataSaver, "save_raw_data", "record"),
        (TaskHistoryRecorder, "record_state", "record"),
        (TaskHistoryRecorder, "record_outcome", "record"),
    ]
    with ExitStack() as stack:
        for owner, name, part in timed:
            stack.enter_context(patch.object(owner, name, _Clock(getattr(owner, name), spent, part)))
        yield


class _Clock:
    """A method that also says how long it took. Bound ones (`run_group`) stay bound."""

    def __init__(self, method: Any, spent: dict[str, float], part: str) -> None:
        self._method, self._spent, self._part = method, spent, part

    def __get__(self, instance: object, owner: type) -> Any:
        method = self._method if hasattr(self._method, "__self__") else self._method.__get__(instance, owner)

        def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                self._spent[self._part] += time.perf_counter() - begun

        return timed
