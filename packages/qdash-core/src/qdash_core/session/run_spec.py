"""Run spec of a session, with its record, resources and supervision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.scheduling.claims import WHOLE_INSTRUMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.hooks.announcers import Deliveries
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.locks.lock import ExecutionLock
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig
    from qdash_core.scheduling.claims import RunClaim
    from qdash_core.session.stop_signal import StopSignal
    from qdash_core.values.scopes import ScopeContents


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Checked request of a session: configuration, chip, backend (not yet connected) with its tasks, and design values.

    `simulated` is True if the backend simulates a chip that has another backend. A rerun measures `repeated` again.
    `claim` has the parts of the instrument that the session locks.
    """

    config: CalibConfig
    chip: Chip
    backend: BaseBackend
    catalogue: Catalogue
    design: Design
    simulated: bool
    repeated: TaskResultModel | None = None
    claim: RunClaim = WHOLE_INSTRUMENT


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Record of a running execution, with the results of its earlier run attempts and the contents of its value scope."""

    execution: ExecutionModel
    earlier: Sequence[TaskResultModel]
    contents: ScopeContents | None = None


@dataclass(frozen=True, slots=True)
class RunResources:
    """Resources that end with the session: the instrument lock (held) and the deliveries of its events (started)."""

    lock: ExecutionLock
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class Supervision:
    """Stop signal, which the session reads between tasks, and receiver of its progress."""

    stop: StopSignal
    progress: Progress
