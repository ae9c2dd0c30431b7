"""Backends that are installed or were used in a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.used_names import BackendRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.access import Access
    from qdash_core.models.project import BackendModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class BackendView:
    """A backend as a project sees it.

    Parameters
    ----------
    installed : bool
        Whether it is installed here.
    simulated : bool
        Whether it is installed here and simulates measurements.
    used : BackendModel or None
        Record of its first use in the project, or None if it was never used.
    """

    name: str
    installed: bool
    simulated: bool
    used: BackendModel | None


class BackendService:
    """Backends of one store."""

    def __init__(self, store: Store, *, installed: Callable[[], Mapping[str, type[BaseBackend]]]) -> None:
        self._store = store
        self._installed = installed

    def list_by_project(self, access: Access) -> list[BackendView]:
        """Return the backends that are installed or were used in a project, by name."""
        with self._store.read() as snapshot:
            used = {
                one.name: one
                for one in Repositories(snapshot).of(BackendRepository).list_by_project(access.project_id)
            }
        installed = self._installed()
        return [
            BackendView(
                name,
                installed=name in installed,
                simulated=name in installed and installed[name].simulated,
                used=used.get(name),
            )
            for name in sorted(installed.keys() | used.keys())
        ]
