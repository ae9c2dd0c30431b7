"""End of the runs of a user."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runs.cancellation import request_cancel

if TYPE_CHECKING:
    from qdash_core.runtime.runtime import Runtime


def end_runs_of_user(runtime: Runtime, owner: str, by: str) -> None:
    """Cancel all queued and running runs of a user in every project, without waiting for their ends."""
    for entry in runtime.repositories.of(QueueRepository).list_all():
        if entry.username != owner:
            continue
        with suppress(IllegalTransitionError):  # it has just ended: its performer removes the entry
            request_cancel(runtime, *entry.key, by)
