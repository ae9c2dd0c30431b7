"""The parts that a session is made of: what is asked for, its record, what goes beside it, and who watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.lease.lock import ExecutionLock
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.notifiers.delivery import Delivery
    from qdash_core.progress import Progress
    from qdash_core.record.config import CalibConfig
    from qdash_core.session.stopping import Stopping


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is asked for, and of what.

    Parameters
    ----------
    config : CalibConfig
        As it was checked.
    chip : Chip
        As it stood when the session began.
    backend : BaseBackend
        Not yet connected.
    """

    config: CalibConfig
    chip: Chip
    backend: BaseBackend


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of an execution: from its begin, or from a resume, to the next end.

    Parameters
    ----------
    execution : ExecutionModel
        Recorded as running.
    earlier : sequence of TaskResultModel
        What earlier stretches recorded.
    """

    execution: ExecutionModel
    earlier: Sequence[TaskResultModel] = ()


@dataclass(frozen=True, slots=True)
class Escort:
    """What goes on beside a session, and ends with it.

    Parameters
    ----------
    lock : ExecutionLock
        Held.
    delivery : Delivery
        Begun: tells notifiers what happens.
    """

    lock: ExecutionLock
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Supervision:
    """Who may end a session, and who watches it.

    Parameters
    ----------
    stopping : Stopping
        Whether it is to stop. Looked at between tasks; set when one task ends the run, to tell those in other threads.
    progress : Progress
        Told of every result.
    """

    stopping: Stopping
    progress: Progress
