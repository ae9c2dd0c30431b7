"""The parts that a session is made of: what is asked for, its record, what goes on beside it, and who watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.lease.lock import ExecutionLock
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.notifiers.delivery import Delivery
    from qdash_core.progress import Progress
    from qdash_core.record.config import CalibConfig
    from qdash_core.session.stopping import Stopping


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is asked for, the chip as it stood when the session began, its backend, not yet connected, tasks and design there."""

    config: CalibConfig
    chip: Chip
    backend: BaseBackend
    catalogue: Catalogue
    design: Design


@dataclass(frozen=True, slots=True)
class Stretch:
    """The record of an execution, running, and what was recorded before this stretch of it."""

    execution: ExecutionModel
    earlier: Sequence[TaskResultModel]


@dataclass(frozen=True, slots=True)
class Escort:
    """What goes on beside a session and ends with it: the lease, held, and the delivery to notifiers, begun."""

    lock: ExecutionLock
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Supervision:
    """What a session looks at between tasks, to see whether it is to stop, and who is told of every result."""

    stopping: Stopping
    progress: Progress
