"""The flows that a run can be asked for: those of plugins, and those that people saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from qdash_core.flows.saved import is_installed
from qdash_core.models.base import utc_now
from qdash_core.projects.flow_registry import FlowRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.flow import FlowVersionModel
    from qdash_core.repositories.store import Store


class OfferedFlows(FlowRegistry):
    """Flows of one store and of its plugins.

    Parameters
    ----------
    store : Store
        Where those are kept that users wrote.
    registry : Registry
        Of the plugins.
    authors : str
        Who may save flows, `administrators` or `editors` of the project.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        authors: Literal["administrators", "editors"] = "administrators",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(
            store, is_installed=partial(is_installed, registry=registry), authors=authors, clock=clock
        )
        self._registry = registry

    def named(self, access: Access, name: str) -> FlowTemplate | FlowVersionModel:
        """Return the flow that a run of this name performs: that of a plugin, or else the newest version of a saved one.

        Raises
        ------
        NotFoundError
            If there is none; it names the saved ones.
        """
        return self._registry.flows().get(name) or self.version(access, name)
