"""View model of the scheduling strategies."""

from __future__ import annotations

from inspect import getdoc
from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.strategies import DEFAULT_STRATEGIES
from qdash_core.models.targets import TargetKind

if TYPE_CHECKING:
    from qdash_core.scheduling.colouring import Scheduler


class StrategyDocument(Document):
    """A scheduling strategy that runs and schedules can select."""

    name: str
    kind: TargetKind
    """Kind of its targets."""
    default: bool
    """True if runs use it where nothing else is selected."""
    description: str
    """First line of its documentation; empty if it has none."""

    @classmethod
    def from_scheduler(cls, scheduler: Scheduler) -> Self:
        """Return the view model of a strategy."""
        lines = (getdoc(type(scheduler)) or "").partition("\n\n")[0].split()
        default = DEFAULT_STRATEGIES[scheduler.kind] == scheduler.name
        return cls(name=scheduler.name, kind=scheduler.kind, default=default, description=" ".join(lines))
