"""Scheduling strategies of plugins, checked at every call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import PluginError
from qdash_core.scheduling.colouring import Colouring, find_fault
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.models.targets import TargetKind
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.layout import Layout


@dataclass(frozen=True, slots=True)
class PluginScheduler:
    """Scheduling strategy of a plugin, which refuses an invalid colouring and names the plugin in errors."""

    scheduler: Scheduler
    plugin: PluginCandidate

    @property
    def name(self) -> str:
        """Name of the strategy."""
        return self.scheduler.name

    @property
    def kind(self) -> TargetKind:
        """Kind of the targets."""
        return self.scheduler.kind

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        """Return the colouring of the strategy.

        Raises
        ------
        PluginError
            If the strategy raises an error, or its colouring is not valid for these conflicts.
        """
        try:
            found = self.scheduler.colour(conflicts, layout)
            fault = (
                find_fault(found, conflicts)
                if isinstance(found, Colouring)
                else f"it is a {type(found).__name__}, not a Colouring"
            )
        except (Exception, SystemExit) as error:
            raise self._make_error(f"raised {describe_error(error, module=self.plugin.module)}") from error
        if fault is not None:
            raise self._make_error(f"returned an invalid colouring: {fault}")
        return found

    def _make_error(self, what: str) -> PluginError:
        return PluginError(
            f"the strategy {self.name!r} of {self.plugin.description} {what}; correct the plugin, or select another strategy"
        )
