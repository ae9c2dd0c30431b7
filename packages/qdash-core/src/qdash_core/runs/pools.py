"""What `qdash worker` offers a runner whose runs a service brings to workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from qdash_core.runs.service import RunService
    from qdash_core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Work:
    """A worker, as the runner sees whose runs it performs.

    Parameters
    ----------
    runtime : Runtime
        Open.
    runs : RunService
        Of this store.
    owner : str
        The presence of the worker: the performer of what it has claimed.
    stopped : threading.Event
        Set when nothing new is to begin; what goes on then is let go.
    told : callable
        Tells people in words what happens.
    start_due : callable
        Submits the runs that are to begin by themselves now. The pool calls it when its service says that it is time, and now and
        then.
    """

    runtime: Runtime
    runs: RunService
    owner: str
    stopped: threading.Event
    told: Callable[[str], None]
    start_due: Callable[[], object]
