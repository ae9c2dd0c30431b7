"""Backends: those that are installed, and those that a project has used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from qdash_core.models.access import Access
    from qdash_core.models.project import BackendModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class BackendView:
    """A backend as a project sees it.

    Parameters
    ----------
    name : str
        The backend.
    installed : bool
        Whether it is installed here.
    used : BackendModel or None
        Who used it first in the project; None: nobody has.
    """

    name: str
    installed: bool
    used: BackendModel | None


class BackendService:
    """Backends of one store.

    Parameters
    ----------
    store : Store
        Where it is kept who uses them.
    installed : callable
        Returns the names of those that are installed.
    """

    def __init__(self, store: Store, *, installed: Callable[[], Collection[str]]) -> None:
        self._store = store
        self._installed = installed

    def of_project(self, access: Access) -> list[BackendView]:
        """Return the backends that are installed or were used in a project, by name."""
        with self._store.read() as snapshot:
            used = {one.name: one for one in Repositories(snapshot).backends.of_project(access.project_id)}
        installed = set(self._installed())
        return [
            BackendView(name, name in installed, used.get(name)) for name in sorted(installed | used.keys())
        ]
