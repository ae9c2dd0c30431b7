"""Time that a calibration spends measuring, fitting and recording, from clocks on the methods."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_tasks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("measure", "fit", "record", "everything else")


class Stopwatch:
    """Time of each part since the start; a part that another one calls counts for itself only."""

    def __init__(self) -> None:
        self._running = False
        self.start()

    def start(self) -> None:
        """Reset and start."""
        self._begun = time.perf_counter()
        self._spent = dict.fromkeys(PARTS[:-1], 0.0)

    def read(self) -> dict[str, float]:
        """Return the seconds of each part, and of all parts as `total`."""
        total = time.perf_counter() - self._begun
        return {**self._spent, PARTS[-1]: total - sum(self._spent.values()), "total": total}

    @contextmanager
    def on_the_parts(self) -> Iterator[None]:
        """Add up the time in the parts, for the length of a block."""
        timed: list[tuple[type, str, str]] = [
            *((task, "run_group", "measure") for task in TASKS),
            *((task, "postprocess", "fit") for task in TASKS),
            (FilesystemCalibDataSaver, "save_raw_data", "record"),
            (TaskHistoryRecorder, "record_state", "record"),
            (TaskHistoryRecorder, "record_outcome", "record"),
        ]
        with ExitStack() as stack:
            for owner, name, part in timed:
                stack.enter_context(patch.object(owner, name, _Timed(getattr(owner, name), self, part)))
            yield

    def time(self, part: str, method: Any, *arguments: Any, **named: Any) -> Any:
        """Call a method of a part, and add its time."""
        if self._running:
            return method(*arguments, **named)
        begun, self._running = time.perf_counter(), True
        try:
            return method(*arguments, **named)
        finally:
            self._running = False
            self._spent[part] += time.perf_counter() - begun


class _Timed:
    """Descriptor of a timed method. Bound methods (`run_group`) stay bound."""

    def __init__(self, method: Any, watch: Stopwatch, part: str) -> None:
        self._method, self._watch, self._part = method, watch, part

    def __get__(self, instance: object, owner: type) -> Any:
        method = self._method if hasattr(self._method, "__self__") else self._method.__get__(instance, owner)
        return lambda *arguments, **named: self._watch.time(self._part, method, *arguments, **named)
