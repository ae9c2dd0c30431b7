"""A run that is cancelled in the record, and does not heed it: whoever has it performed asks its process to end."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError
from qdash_core.models.execution import ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime

LOOK_S = 0.6
"""So often the record is looked at, in seconds."""
_LOOKS = 5
"""A session sees the request itself, and ends in its own words, before it has been seen here so often."""


@contextmanager
def ended_when_cancelled(runtime: Runtime, execution: ExecutionModel, stop: Stop) -> Iterator[None]:
    """Ask a run to end when it is cancelled in the record, and goes on, for the length of a block.

    A session sees that itself where it measures; a program of somebody's own may take long until it makes one, or between
    two tasks. What does not heed it then is killed by the runner.
    """
    over = threading.Event()

    def look() -> None:
        seen = 0
        while not over.wait(LOOK_S):
            with suppress(QDashError):
                found = runtime.record.find(execution.project_id, execution.execution_id)
                if _ended_before_it_began(found):
                    stop.ask()
                    return
                last = runtime.record.last_of_flow(found)
                seen += last.cancel_request is not None and not last.status.terminal
                if seen == _LOOKS:
                    stop.ask()
                    return

    threading.Thread(target=look, name="qdash-cancelled", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _ended_before_it_began(execution: ExecutionModel) -> bool:
    return execution.status is ExecutionStatus.CANCELLED and execution.start_at is None
