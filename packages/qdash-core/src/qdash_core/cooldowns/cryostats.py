"""Service for cryostats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import refuse_stale, utc_now
from qdash_core.models.cryostat import CryostatModel, CryostatStatus
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_EDITABLE = frozenset(
    {
        "name",
        "manufacturer",
        "model",
        "location",
        "status",
        "commissioned_at",
        "decommissioned_at",
    }
)


class CryostatService:
    """Cryostats of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def create(self, access: Access, cryo_id: str, **fields: Any) -> CryostatModel:
        """Register a cryostat.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        cryo_id : str
            Where, under which id.
        **fields
            As in `CryostatModel`: name, manufacturer, model, location, status, times.

        Raises
        ------
        InvalidInputError, ConflictError
            If the id or a field cannot be, or the id is taken.
        """
        access.require(ProjectRole.EDITOR)
        check_id(cryo_id, "cryostat")
        now = self._clock()
        empty = CryostatModel(project_id=access.project_id, cryo_id=cryo_id, created_at=now, updated_at=now)
        made = self._replace_fields(empty, fields)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.cryostats.find(access.project_id, cryo_id) is not None:
                raise ConflictError(f"cryostat {cryo_id} exists already in project {access.project_id}")
            repositories.cryostats.add(made)
        return made

    def edit(
        self, access: Access, cryo_id: str, *, as_of: datetime | None = None, **fields: Any
    ) -> CryostatModel:
        """Change the given fields of a cryostat.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such cryostat, or a field cannot be.
        ConflictError
            If it is to be decommissioned during a cool-down.
        StaleError
            If it was changed since `as_of`, its `changed_at` when it was read.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = repositories.cryostats.require(access.project_id, cryo_id)
            refuse_stale(f"cryostat {cryo_id}", former.changed_at, as_of)
            made = self._replace_fields(former, fields)
            running = [
                cooldown.cooldown_id
                for cooldown in repositories.cooldowns.list_by_cryostat(access.project_id, cryo_id)
                if cooldown.ongoing
            ]
            if running and made.status is CryostatStatus.DECOMMISSIONED:
                raise ConflictError(
                    f"cool-down {running[0]} of cryostat {cryo_id} goes on: end it before the cryostat is decommissioned"
                )
            repositories.cryostats.put(made)
        return made

    def list_by_project(self, access: Access) -> list[CryostatModel]:
        """Return the cryostats of a project, by id."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).cryostats.list_by_project(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[CryostatModel]:
        """Return a page of the cryostats of a project, by id."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).cryostats.page(access.project_id, request)

    def show(self, access: Access, cryo_id: str) -> CryostatModel:
        """Return a cryostat; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).cryostats.require(access.project_id, cryo_id)

    def delete(self, access: Access, cryo_id: str, *, force: bool = False) -> CryostatModel:
        """Remove and return a cryostat without cool-downs.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        cryo_id : str
            Which one.
        force : bool
            Whether to remove it even if it has a note.

        Raises
        ------
        NotFoundError
            If there is none.
        ConflictError
            If it has cool-downs (decommission it instead), or a note and `force` is not set.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            cryostat = repositories.cryostats.require(access.project_id, cryo_id)
            cooldowns = len(repositories.cooldowns.list_by_cryostat(access.project_id, cryo_id))
            if cooldowns:
                raise ConflictError(
                    f"cryostat {cryo_id} has cool-downs on record ({cooldowns}): decommission it instead"
                )
            if cryostat.note.content and not force:
                raise ConflictError(
                    f"the note on cryostat {cryo_id} would be lost: give --force to remove both"
                )
            repositories.cryostats.remove(cryostat)
        return cryostat

    def _replace_fields(self, cryostat: CryostatModel, fields: dict[str, Any]) -> CryostatModel:
        changed = cryostat.with_validated_changes(fields, _EDITABLE, now=self._clock())
        if changed.status is CryostatStatus.DECOMMISSIONED:
            changed.decommissioned_at = changed.decommissioned_at or self._clock()
        elif fields.get("decommissioned_at") is not None:
            raise InvalidInputError(
                f"cryostat {cryostat.cryo_id} is {changed.status}: only a decommissioned one has the time of it"
            )
        else:
            changed.decommissioned_at = None
        check_time_order(changed.commissioned_at, changed.decommissioned_at, f"cryostat {cryostat.cryo_id}")
        return changed


def check_id(text: str, kind: str) -> None:
    """Raise an error for an id that cannot be part of a URL."""
    if not _ID.fullmatch(text):
        raise InvalidInputError(
            f"{kind} id {text!r}: up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
        )


def check_time_order(start: datetime | None, end: datetime | None, what: str) -> None:
    """Raise an error unless the end is after the start."""
    if start is not None and end is not None and end <= start:
        raise InvalidInputError(
            f"{what} ends at {end.isoformat()}, not after its beginning {start.isoformat()}"
        )
