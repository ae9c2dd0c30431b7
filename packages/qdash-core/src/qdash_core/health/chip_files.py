"""What backends keep of chips in files below the home, beside every record: which files, and whether they are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.backends.base import BackendContext
from qdash_core.backends.instruments import files_of
from qdash_core.errors import BackendError
from qdash_core.health.findings import Finding
from qdash_core.models.base import UtcDatetime

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
    """What a backend keeps of one chip.

    Parameters
    ----------
    chip : str
        Which one, in words.
    files : tuple of str
        Paths below the home.
    unknown : str
        Why nobody can say which files there are; empty: it is known.
    is_broken : bool
        Whether that is the fault of the backend's own code; otherwise there is no such backend here.
    """

    chip: str
    files: tuple[str, ...] = ()
    unknown: str = ""
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class ChipFiles:
    """The files of all chips of a store.

    Parameters
    ----------
    registry : Registry
        Where backends are found.
    home : Path
        The folder below which the files lie.
    """

    registry: Registry
    home: Path

    @property
    def storage(self) -> FilesystemCalibDataSaver:
        """Where they are read and written, by path."""
        return FilesystemCalibDataSaver(self.home)

    def of_chips(self, snapshot: Snapshot) -> Iterator[FilesOfChip]:
        """Yield what is kept of each chip."""
        for chip in snapshot.find("chip", {}):  # as it is: one that is damaged must not hide the others
            of = (str(chip.get(field)) for field in ("project_id", "chip_id", "backend"))
            yield self._of(*of, made_at=chip.get("created_at"))

    def _of(self, project_id: str, chip_id: str, name: str, *, made_at: object) -> FilesOfChip:
        spoken = f"chip {chip_id} of project {project_id}"
        backend = self.registry.backends().get(name)
        if backend is None:
            return FilesOfChip(spoken, unknown=f"{spoken}: backend {name!r} is not installed here")
        try:
            context = BackendContext(project_id, chip_id, (), self.home, _moment(made_at))
            return FilesOfChip(spoken, files_of(backend, context))
        except BackendError as error:
            return FilesOfChip(spoken, unknown=str(error), is_broken=True)


def _moment(value: object) -> datetime | None:
    try:
        return TypeAdapter(UtcDatetime).validate_python(value)
    except ValidationError:
        return None


def are_there(store: Store, files: ChipFiles) -> Finding:
    """Look whether everything is there that backends keep of chips. Backends that are not installed cannot be asked."""
    storage, kept, faults = files.storage, 0, list[str]()
    with store.read() as snapshot:
        for one in files.of_chips(snapshot):
            absent = [path for path in one.files if not storage.exists(path)]
            kept += len(one.files) - len(absent)
            faults += [f"{one.chip}: {path} is not there" for path in absent]
            faults += [one.unknown] if one.is_broken else []
    if faults:
        told = "; ".join(faults[:_NAMED]) + (
            f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        )
        return Finding("instruments", "warning", told, _BRING_BACK)
    noun = "file" if kept == 1 else "files"
    return Finding(
        "instruments", "ok", f"{kept} {noun} that backends keep of chips are there" if kept else "no files"
    )
