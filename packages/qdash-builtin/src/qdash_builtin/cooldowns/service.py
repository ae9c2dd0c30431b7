"""Service for cool-downs and their chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.cooldowns.cryostats import check_time_order
from qdash_builtin.cooldowns.model import CryostatStatus
from qdash_builtin.cooldowns.repository import CryostatRepository, get_cooldowns_page, list_by_cryostat
from qdash_builtin.notes.model import ScopeSource
from qdash_builtin.notes.repository import MetricNoteRepository
from qdash_builtin.notes.scopes import make_cooldown_scope
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import refuse_stale
from qdash_core.models.cooldown import CooldownModel
from qdash_core.models.execution import EventModel
from qdash_core.models.ids import check_id
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Snapshot, Store

    BaseChange = Callable[[Repositories, CooldownModel, datetime], None]

_EDITABLE = frozenset({"description", "started_at", "base_at", "ended_at"})


@dataclass(frozen=True, slots=True)
class CooldownChip:
    """Chip in a cool-down, with the numbers of executions that started in the cool-down, and of results of tasks."""

    chip_id: str
    n_executions: int
    n_results: int
    previous_id: str | None
    next_id: str | None


class CooldownService:
    """Cool-downs of one store.

    During a cool-down its chips refer to it (`current_cooldown_id`), and their new records belong to it. `base_changes` are called with the
    cool-down and the present time, in the transaction that changes the chips or the time at base temperature.
    """

    def __init__(
        self,
        store: Store,
        *,
        base_changes: Sequence[BaseChange] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._base_changes = store, base_changes
        self._clock = clock

    def list_by_project(self, access: Access) -> list[CooldownModel]:
        """Return the cool-downs of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(CooldownRepository).list_by_project(access.project_id)

    def list_by_cryostat(self, access: Access, cryo_id: str) -> list[CooldownModel]:
        """Return the cool-downs of a cryostat, newest first; NotFoundError when there is no such cryostat."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(CryostatRepository).require(access.project_id, cryo_id)
            return list_by_cryostat(repositories, access.project_id, cryo_id)

    def list_by_chip(self, access: Access, chip_id: str) -> list[CooldownModel]:
        """Return the cool-downs that a chip is or was in, newest first; NotFoundError when there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return repositories.of(CooldownRepository).list_by_chip(access.project_id, chip_id)

    def show(self, access: Access, cooldown_id: str) -> CooldownModel:
        """Return a cool-down; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(CooldownRepository).require(access.project_id, cooldown_id)

    def list_chips(self, access: Access, cooldown_id: str) -> list[CooldownChip]:
        """Return the chips of a cool-down in the order of their loading; NotFoundError when there is no such cool-down."""
        with self._store.read() as snapshot:
            cooldown = Repositories(snapshot).of(CooldownRepository).require(access.project_id, cooldown_id)
            return [_summarise_chip(snapshot, cooldown, chip_id) for chip_id in cooldown.chip_ids]

    def page(
        self,
        access: Access,
        request: PageRequest,
        *,
        cryo_id: str | None = None,
        chip_id: str | None = None,
    ) -> Page[CooldownModel]:
        """Return a page of the cool-downs of a project, newest first: all, or those of one cryostat or of one chip.

        Raises
        ------
        NotFoundError
            If there is no such cryostat or chip.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            if cryo_id is not None:
                repositories.of(CryostatRepository).require(access.project_id, cryo_id)
            if chip_id is not None:
                repositories.of(ChipRepository).require(access.project_id, chip_id)
            return get_cooldowns_page(
                repositories, access.project_id, request, cryo_id=cryo_id, chip_id=chip_id
            )

    def create(
        self,
        access: Access,
        cooldown_id: str,
        cryo_id: str,
        *,
        started_at: datetime | None = None,
        base_at: datetime | None = None,
        ended_at: datetime | None = None,
        description: str = "",
        chip_ids: Sequence[str] = (),
    ) -> CooldownModel:
        """Start a cool-down, or record a past one.

        Parameters
        ----------
        started_at, base_at, ended_at : datetime or None
            Start, or None for now; time at base temperature, or None if it is not known; and end, or None if it is in progress.

        Raises
        ------
        NotFoundError
            If there is no such cryostat or chip.
        InvalidInputError, ConflictError
            If the id or the times are invalid, the id is taken, the cryostat is not active or has another cool-down in this
            time, or a chip is in another cool-down in progress.
        """
        access.require(ProjectRole.EDITOR)
        check_id(cooldown_id, "cool-down")
        now = self._clock()
        empty = CooldownModel(
            project_id=access.project_id,
            cooldown_id=cooldown_id,
            cryo_id=cryo_id,
            started_at=now,
            created_at=now,
            updated_at=now,
        )
        fields = {"description": description, "base_at": base_at, "ended_at": ended_at} | (
            {} if started_at is None else {"started_at": started_at}
        )
        cooldown = empty.with_validated_changes(fields, _EDITABLE, now=now)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.of(CooldownRepository).find(access.project_id, cooldown_id) is not None:
                raise ConflictError(f"cool-down {cooldown_id} exists already in project {access.project_id}")
            cryostat = repositories.of(CryostatRepository).require(access.project_id, cryo_id)
            if cooldown.ongoing and cryostat.status is not CryostatStatus.ACTIVE:
                raise ConflictError(
                    f"cryostat {cryo_id} is {cryostat.status}: activate it, or put an end to the cool-down on record"
                )
            _check(repositories, cooldown)
            repositories.of(CooldownRepository).add(cooldown)
            for chip_id in chip_ids:
                cooldown = self._load(repositories, access, cooldown, chip_id)
            if cooldown.base_at is not None:
                self._tell_base(repositories, cooldown)
            _log(repositories, access, cooldown, "created")
        return cooldown

    def edit(
        self, access: Access, cooldown_id: str, *, as_of: datetime | None = None, **fields: Any
    ) -> CooldownModel:
        """Correct the given fields among description, started_at, base_at and ended_at. A given end also ends one in progress.

        None clears the description or the time at base. The notes on metrics in its scope get its new time range.

        Raises
        ------
        NotFoundError, InvalidInputError, ConflictError
            If there is none, the times are invalid or missing, or the cryostat has another cool-down in this time.
        StaleError
            If it was changed since `as_of`, its `changed_at` when it was read.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = repositories.of(CooldownRepository).require(access.project_id, cooldown_id)
            refuse_stale(f"cool-down {cooldown_id}", former.changed_at, as_of)
            if former.ended_at is not None and fields.get("ended_at", former.ended_at) is None:
                raise InvalidInputError(
                    f"ended_at: cool-down {cooldown_id} has ended and cannot go on: give the time of its end"
                )
            if fields.get("description", "") is None:
                fields = {**fields, "description": ""}
            return self._make_edited(repositories, access, former, fields)

    def _make_edited(
        self, repositories: Repositories, access: Access, former: CooldownModel, fields: Mapping[str, Any]
    ) -> CooldownModel:
        ended_at = fields.get("ended_at")
        if ended_at is not None and "base_at" not in fields and (former.base_at or ended_at) > ended_at:
            fields = {**fields, "base_at": None}  # it was planned, and is not reached
        cooldown = former.with_validated_changes(fields, _EDITABLE, now=self._clock())
        _check(repositories, cooldown)
        repositories.of(CooldownRepository).put(cooldown)
        scope = make_cooldown_scope(cooldown, ScopeSource.EXPLICIT_COOLDOWN)
        for chip_id in cooldown.chip_ids:
            repositories.of(MetricNoteRepository).update_range(cooldown.project_id, chip_id, scope)
            if not cooldown.ongoing:
                _clear_current(repositories, access, cooldown, chip_id)
        if (cooldown.base_at, cooldown.ongoing) != (former.base_at, former.ongoing):
            self._tell_base(repositories, cooldown)
        _log(repositories, access, cooldown, "changed")
        return cooldown

    def _tell_base(self, repositories: Repositories, cooldown: CooldownModel) -> None:
        """Tell other features the chips and the time at base of a cool-down; one that is deleted has no chips."""
        for tell in self._base_changes:
            tell(repositories, cooldown, self._clock())

    def mark_cold(
        self,
        access: Access,
        cooldown_id: str,
        *,
        base_at: datetime | None = None,
        as_of: datetime | None = None,
    ) -> CooldownModel:
        """Record that a cool-down is at base temperature, since now or a given time.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is none, or the time is not within it.
        ConflictError
            If it has ended, or is at base temperature already.
        StaleError
            If it was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.of(CooldownRepository).require(access.project_id, cooldown_id)
            if not found.ongoing:
                raise ConflictError(
                    f"cool-down {cooldown_id} has ended at {found.ended_at}: correct its time at base temperature instead"
                )
            if found.base_at is not None and found.base_at <= now:
                raise ConflictError(
                    f"cool-down {cooldown_id} is cold since {found.base_at}: edit its time at base instead"
                )
            refuse_stale(f"cool-down {cooldown_id}", found.changed_at, as_of)
            return self._make_edited(repositories, access, found, {"base_at": base_at or now})

    def end(
        self,
        access: Access,
        cooldown_id: str,
        *,
        ended_at: datetime | None = None,
        as_of: datetime | None = None,
    ) -> CooldownModel:
        """End a cool-down, now or at a given time, and unload its chips.

        Raises
        ------
        ConflictError
            If it has ended.
        StaleError
            If it was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.of(CooldownRepository).require(access.project_id, cooldown_id)
            if not found.ongoing:
                raise ConflictError(
                    f"cool-down {cooldown_id} has ended at {found.ended_at}: edit its time instead"
                )
            refuse_stale(f"cool-down {cooldown_id}", found.changed_at, as_of)
            return self._make_edited(repositories, access, found, {"ended_at": ended_at or self._clock()})

    def assign(self, access: Access, cooldown_id: str, chip_id: str) -> CooldownModel:
        """Load a chip into a cool-down; loading it again does nothing.

        Raises
        ------
        NotFoundError
            If there is no such cool-down or chip.
        ConflictError
            If the chip is in another cool-down in progress.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            cooldown = repositories.of(CooldownRepository).require(access.project_id, cooldown_id)
            loaded = self._load(repositories, access, cooldown, chip_id)
            if loaded is not cooldown:
                self._tell_base(repositories, loaded)
                _log(repositories, access, loaded, "changed")
            return loaded

    def unassign(self, access: Access, cooldown_id: str, chip_id: str) -> CooldownModel:
        """Remove a chip from a cool-down, as if it had never been loaded. Existing records stay unchanged.

        Raises
        ------
        NotFoundError
            If there is no such cool-down.
        InvalidInputError
            If the chip is not in it.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            cooldown = repositories.of(CooldownRepository).require(access.project_id, cooldown_id)
            if chip_id not in cooldown.chip_ids:
                inside = ", ".join(cooldown.chip_ids) or "none"
                raise InvalidInputError(
                    f"chip {chip_id!r} is not in cool-down {cooldown_id} (in it: {inside})"
                )
            left = [other for other in cooldown.chip_ids if other != chip_id]
            cooldown = cooldown.with_changes(chip_ids=left, now=self._clock())
            repositories.of(CooldownRepository).put(cooldown)
            _clear_current(repositories, access, cooldown, chip_id)
            self._tell_base(repositories, cooldown)
            _log(repositories, access, cooldown, "changed")
        return cooldown

    def delete(self, access: Access, cooldown_id: str, *, force: bool = False) -> CooldownModel:
        """Remove and return a cool-down without records.

        Raises
        ------
        NotFoundError
            If there is none.
        ConflictError
            If results or notes on metrics belong to it. Or chips are in it or it carries a note, and `force` is not given.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            cooldown = repositories.of(CooldownRepository).require(access.project_id, cooldown_id)
            results = transaction.count(
                "task_result_history", {"project_id": access.project_id, "cooldown_id": cooldown_id}
            )
            key = make_cooldown_scope(cooldown, ScopeSource.EXPLICIT_COOLDOWN).scope_key
            notes = transaction.count("metric_note", {"project_id": access.project_id, "scope_key": key})
            if results or notes:
                raise ConflictError(
                    f"cool-down {cooldown_id} has results ({results}) and notes on metrics ({notes}): it stays on record"
                )
            if (cooldown.chip_ids or cooldown.note.content) and not force:
                lost = [f"that {chip_id} is in it" for chip_id in cooldown.chip_ids]
                lost += ["its note"] if cooldown.note.content else []
                raise ConflictError(
                    f"with cool-down {cooldown_id} this would be lost: {', '.join(lost)}; --force removes it all the same"
                )
            for chip_id in cooldown.chip_ids:
                _clear_current(repositories, access, cooldown, chip_id)
            repositories.of(CooldownRepository).remove(cooldown)
            self._tell_base(repositories, cooldown.with_changes(chip_ids=[], now=self._clock()))
            _log(repositories, access, cooldown, "deleted")
        return cooldown

    def _load(
        self, repositories: Repositories, access: Access, cooldown: CooldownModel, chip_id: str
    ) -> CooldownModel:
        chip = repositories.of(ChipRepository).require(cooldown.project_id, chip_id)
        if cooldown.ongoing:
            current = chip.current_cooldown_id
            if current not in (None, cooldown.cooldown_id):
                raise ConflictError(
                    f"chip {chip_id} is in cool-down {current}, which goes on: end that one, or take the chip out of it"
                )
            _set_current(repositories, access, chip_id, cooldown.cooldown_id)
        if chip_id in cooldown.chip_ids:
            return cooldown
        loaded = cooldown.with_changes(chip_ids=[*cooldown.chip_ids, chip_id], now=self._clock())
        repositories.of(CooldownRepository).put(loaded)
        return loaded


def _summarise_chip(snapshot: Snapshot, cooldown: CooldownModel, chip_id: str) -> CooldownChip:
    mine = {"project_id": cooldown.project_id, "cooldown_id": cooldown.cooldown_id, "chip_id": chip_id}
    history = Repositories(snapshot).of(CooldownRepository).list_by_chip(cooldown.project_id, chip_id)
    ids = [None, *(one.cooldown_id for one in history), None]
    place = ids.index(cooldown.cooldown_id)
    return CooldownChip(
        chip_id,
        n_executions=snapshot.count("execution_history", mine),
        n_results=snapshot.count("task_result_history", mine),
        previous_id=ids[place + 1],
        next_id=ids[place - 1],
    )


def _log(
    repositories: Repositories,
    access: Access,
    cooldown: CooldownModel,
    what: Literal["created", "changed", "deleted"],
) -> None:
    data = {
        "cooldown_id": cooldown.cooldown_id,
        "cryo_id": cooldown.cryo_id,
        "username": access.username,
        **({} if cooldown.ended_at is None else {"ended_at": cooldown.ended_at.isoformat()}),
    }
    repositories.of(EventRepository).append(
        EventModel(project_id=access.project_id, kind=f"cooldown.{what}", data=data)
    )


def _check(repositories: Repositories, cooldown: CooldownModel) -> None:
    """Raise an error for times that contradict themselves, the cryostat or its other cool-downs."""
    check_time_order(cooldown.started_at, cooldown.ended_at, f"cool-down {cooldown.cooldown_id}")
    base_at, ended_at = cooldown.base_at, cooldown.ended_at
    if base_at is not None and (
        base_at < cooldown.started_at or (ended_at is not None and base_at > ended_at)
    ):
        raise InvalidInputError(
            f"base_at: {base_at.isoformat()} is not between start and end of cool-down {cooldown.cooldown_id}"
        )
    for other in list_by_cryostat(repositories, cooldown.project_id, cooldown.cryo_id):
        if other.cooldown_id != cooldown.cooldown_id and _find_overlap(other, cooldown):
            raise ConflictError(
                f"cryostat {cooldown.cryo_id} has cool-down {other.cooldown_id} in the same time: a cryostat has one at a time"
            )


def _find_overlap(a: CooldownModel, b: CooldownModel) -> bool:
    return (a.ended_at is None or b.started_at < a.ended_at) and (
        b.ended_at is None or a.started_at < b.ended_at
    )


def _clear_current(repositories: Repositories, access: Access, cooldown: CooldownModel, chip_id: str) -> None:
    if (
        repositories.of(ChipRepository).get_current_cooldown(cooldown.project_id, chip_id)
        == cooldown.cooldown_id
    ):
        _set_current(repositories, access, chip_id, None)


def _set_current(repositories: Repositories, access: Access, chip_id: str, cooldown_id: str | None) -> None:
    chip = repositories.of(ChipRepository).find(access.project_id, chip_id)
    if chip is not None:
        repositories.of(ChipRepository).put(chip.with_changes(current_cooldown_id=cooldown_id, now=utc_now()))
    log_chip(repositories, access.project_id, chip_id, "cooldown", username=access.username)
