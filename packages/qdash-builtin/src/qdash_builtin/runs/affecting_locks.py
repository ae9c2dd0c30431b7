"""Locks that affect the chips of a project, and the chips that share their instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import QDashError
from qdash_core.locks.service import assess_locks
from qdash_core.process.clock import machine_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.locks.service import LockStatus
    from qdash_core.models.chip import ChipModel
    from qdash_core.runtime.runtime import Runtime


def list_affecting(runtime: Runtime, project_id: str, chip_id: str | None = None) -> list[LockStatus]:
    """Return the locks that affect a project or one of its chips, including others on its instruments."""
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        chips = repositories.of(ChipRepository).list_by_project(project_id)
        instruments = {_find_instrument(runtime, chip) for chip in chips if chip_id in (None, chip.chip_id)}
        own = repositories.of(ExecutionLockRepository).list_by_project(project_id)
        touching = [one for one in own if chip_id in (None, one.chip_id) or one.scope == "project"]
        known = {one.hold for one in touching}
        others = repositories.of(ExecutionLockRepository).list_by_instruments(instruments - {""})
        found = [*touching, *(one for one in others if one.hold not in known)]
        return assess_locks(repositories, found, machine_now())


def list_sharing_chips(runtime: Runtime, locks: Iterable[LockStatus]) -> dict[str, list[str]]:
    """Return the chips of all projects that share the instruments of these locks, by instrument.

    Chips whose instrument is not known here are left out.
    """
    measured: dict[str, set[str]] = {}
    for one in locks:
        measured.setdefault(one.lock.instrument, set()).add(one.lock.chip_id)
    if measured:
        for chip in runtime.repositories.of(ChipRepository).list_all():
            measured.get(_find_instrument(runtime, chip), set()).add(chip.chip_id)
    return {instrument: sorted(chips) for instrument, chips in measured.items()}


def _find_instrument(runtime: Runtime, chip: ChipModel) -> str:
    """Return the instrument of a chip, or empty if its backend is not installed here or cannot tell."""
    try:
        return runtime.get_chip_instrument(chip)
    except QDashError:
        return ""
