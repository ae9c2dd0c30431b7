"""A run that was put into the queue, as whoever asked for it hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel

NO_WORKER = "no worker lives: it waits until `qdash worker` runs on some machine of the store"


@dataclass(frozen=True, slots=True)
class Submission:
    """A run that is in the queue.

    Parameters
    ----------
    execution : ExecutionModel
        `scheduled`, or as the one that is to go on has ended; of a replay as it is by now.
    replayed : bool
        Whether it was asked for before, under the same key: nothing was done now.
    n_workers : int
        How many workers live, of every machine of the store.
    waits : bool
        Whether it waits in the queue for a worker.
    waits_for : str
        What it waits for, in words that follow "for"; empty: nothing.
    """

    execution: ExecutionModel
    replayed: bool
    n_workers: int
    waits: bool
    waits_for: str

    @property
    def execution_id(self) -> str:
        """Of the execution."""
        return self.execution.execution_id

    @property
    def advice(self) -> str:
        """What keeps it from being performed, and what to do about it; empty: nothing does."""
        return NO_WORKER if self.waits and not self.n_workers else ""
