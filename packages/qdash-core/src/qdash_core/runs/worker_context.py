"""Worker as seen by a runner with workers of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from qdash_core.runs.provided_runs import ProvidedRuns
    from qdash_core.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """Worker as seen by a `PoolRunner`, which submits its own runs to `runs.submissions`.

    `owner` is the owner of the worker's registration, who performs the entries that it claims. `stopped` is set when
    nothing new may start; running work is then interrupted. `notify` prints a line of text for the user. `start_due`
    submits the due runs of timetables: the pool calls it when its service triggers, and from time to time.
    """

    runtime: Runtime
    runs: ProvidedRuns
    owner: str
    stopped: threading.Event
    notify: Callable[[str], None]
    start_due: Callable[[], object]
