"""Check of the chip files that backends keep below the home, outside the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.backends.base import BackendContext
from qdash_core.backends.instruments import is_simulation, list_files
from qdash_core.errors import BackendError
from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.base import UtcDatetime
from qdash_core.models.health_findings import RESTORE, HealthFinding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Snapshot, Store

_NAMED = 3
_BRING_BACK = (
    "bring the files back below the home from where they were, or restore a backup (qdash store restore)"
)


@dataclass(frozen=True, slots=True)
class FilesOfChip:
    """Files that a backend keeps for one chip.

    Parameters
    ----------
    chip : str
        The chip, in words.
    files : tuple of str
        Paths below the home.
    unknown : str
        Reason why the files are unknown, or empty.
    is_broken : bool
        Whether the backend's code failed; otherwise the backend is not installed here.
    """

    chip: str
    files: tuple[str, ...] = ()
    unknown: str = ""
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class ChipFiles:
    """Files that backends keep below the home for all chips of a store."""

    registry: Registry
    home: Path

    @property
    def storage(self) -> FilesystemCalibDataSaver:
        """Storage that reads and writes the files by path."""
        return FilesystemCalibDataSaver(self.home)

    def iter_by_chip(self, snapshot: Snapshot) -> Iterator[FilesOfChip]:
        """Yield the files of each chip."""
        for chip in snapshot.find("chip", {}):  # unparsed: a damaged document must not hide the others
            of = (str(chip.get(field)) for field in ("project_id", "chip_id", "backend"))
            yield self._list_chip_files(*of, made_at=chip.get("created_at"))

    def _list_chip_files(self, project_id: str, chip_id: str, name: str, *, made_at: object) -> FilesOfChip:
        spoken = f"chip {chip_id} of project {project_id}"
        backend = self.registry.backends().get(name)
        if backend is None:
            return FilesOfChip(spoken, unknown=f"{spoken}: backend {name!r} is not installed here")
        try:
            context = BackendContext(project_id, chip_id, (), self.home, _parse_moment(made_at))
            files = list_files(backend, context)
            for other in self.registry.backends().values():
                if is_simulation(other, name):  # it has files only if the chip was simulated
                    files += tuple(one for one in list_files(other, context) if self.storage.exists(one))
            return FilesOfChip(spoken, files)
        except BackendError as error:
            return FilesOfChip(spoken, unknown=str(error), is_broken=True)


def _parse_moment(value: object) -> datetime | None:
    try:
        return TypeAdapter(UtcDatetime).validate_python(value)
    except ValidationError:
        return None


def check_chip_files(store: Store, files: ChipFiles) -> HealthFinding:
    """Check that all chip files of installed backends exist."""
    storage, kept, faults = files.storage, 0, list[str]()
    with store.read() as snapshot:
        for one in files.iter_by_chip(snapshot):
            absent = [path for path in one.files if not storage.exists(path)]
            kept += len(one.files) - len(absent)
            faults += [f"{one.chip}: {path} is not there" for path in absent]
            faults += [one.unknown] if one.is_broken else []
    if faults:
        message = "; ".join(faults[:_NAMED]) + (
            f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        )
        return HealthFinding("instruments", "warning", message, _BRING_BACK)
    noun = "file" if kept == 1 else "files"
    return HealthFinding("instruments", "ok", f"{kept} {noun} of chips, none missing" if kept else "no files")


CHECK = HealthCheck(
    "instruments",
    lambda home: check_chip_files(home.store, ChipFiles(home.registry, home.settings.home)),
    RESTORE,
    place=50,
)
