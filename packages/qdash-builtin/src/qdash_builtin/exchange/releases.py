"""Service for releases: named, immutable sets of the accepted values of a chip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.released_chip import read_released_chip
from qdash_builtin.exchange.chip_writing import choose_writer, write_chip
from qdash_builtin.exchange.device_request import WHOLE_CHIP
from qdash_builtin.values.point_in_time import PointKind
from qdash_builtin.values.release import LONGEST_NAME, LONGEST_RELEASE_NOTE, ReleaseModel
from qdash_builtin.values.release_repository import ReleaseRepository
from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import EventModel
from qdash_core.models.project import ProjectRole
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.models.times import format_day
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from qdash_builtin.exchange.device_request import DeviceRequest
    from qdash_builtin.exchange.import_result import ExportedFiles
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

_LARGEST_METRICS_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Release:
    """A release with its chip.

    Parameters
    ----------
    chip : Chip
        The chip as it was when the release was created, with its judgement at that time.
    simulated_time : datetime or None
        Time of the home if its clock is simulated.
    """

    header: ReleaseModel
    chip: Chip
    simulated_time: datetime | None = None


class ReleaseService:
    """Releases of the chips of one store.

    Parameters
    ----------
    zone : ZoneInfo
        Time zone of the date in a default name.
    metrics_file : Path or None
        The metrics file in use, or None for the built-in definitions.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        registry: Registry,
        *,
        metrics_file: Path | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._registry = registry
        self._metrics_file = metrics_file
        self._clock = clock

    def create(
        self,
        access: Access,
        chip_id: str,
        name: str | None = None,
        *,
        note: str = "",
        key: str | None = None,
    ) -> ReleaseModel:
        """Create a release of the accepted values of a chip, with its design, wiring and metrics file.

        Parameters
        ----------
        access : Access
            Access of an editor.
        name : str or None
            Name of the release, or None for the date, with a number if it is taken.
        key : str or None
            Idempotency key: a repeated request with it changes nothing and returns the same release.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If the name or the note is not valid, or the chip has no values.
        ConflictError
            If the name is taken.
        """
        access.require(ProjectRole.EDITOR)
        if name is not None:
            check_release_name(name)
        if len(note) > LONGEST_RELEASE_NOTE:
            raise InvalidInputError(
                f"the note has {len(note)} characters; at most {LONGEST_RELEASE_NOTE} are allowed"
            )
        request = RequestKey(access, key, {"release": chip_id, "name": name, "note": note})
        metrics_file = self._read_metrics_file()
        with self._store.transaction() as transaction:
            now, repositories = self._clock(), Repositories(transaction)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            found = request.find(repositories)
            if found is not None:
                return repositories.of(ReleaseRepository).require(access.project_id, chip_id, found.record_id)
            last = repositories.of(ValueChangeRepository).find_last(access.project_id)
            new = ReleaseModel(
                project_id=access.project_id,
                chip_id=chip_id,
                name=name or self._choose_name(repositories, access, chip_id, now),
                username=access.username,
                note=note.strip(),
                chip=header,
                last_event=0 if last is None else last.number,
                metrics_file=metrics_file,
                created_at=now,
                updated_at=now,
            )
            release = repositories.of(ReleaseRepository).add(new)
            if not release.n_values:
                raise InvalidInputError(f"chip {chip_id} has no values yet: calibrate it first")
            _log(repositories, access, chip_id, "created", release.name)
            request.record(repositories, "release", release.name)
        return release

    def list_by_chip(self, access: Access, chip_id: str) -> list[ReleaseModel]:
        """Return the releases of a chip, newest first; NotFoundError if there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return repositories.of(ReleaseRepository).list_by_chip(access.project_id, chip_id)

    def show(self, access: Access, chip_id: str, name: str) -> Release:
        """Return a release with its chip; NotFoundError if there is none."""
        with self._store.read() as snapshot:
            return self._read(Repositories(snapshot), access, chip_id, name)

    def export(
        self,
        access: Access,
        chip_id: str,
        name: str,
        format_name: str,
        request: DeviceRequest = WHOLE_CHIP,
        *,
        gives_files: bool = True,
    ) -> ExportedFiles:
        """Return the chip of a release as files in a format; raises the same as `ExchangeService.export`.

        Trust and marks are those at the time of the release. Ages are those of today.
        """
        format_ = choose_writer(self._registry, format_name, gives_files=gives_files)
        return write_chip(self.show(access, chip_id, name).chip, format_, request, now=self._clock())

    def delete(self, access: Access, chip_id: str, name: str) -> ReleaseModel:
        """Delete a release and return its header; NotFoundError if there is none."""
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            release = repositories.of(ReleaseRepository).require(access.project_id, chip_id, name)
            repositories.of(ReleaseRepository).delete(access.project_id, chip_id, name)
            _log(repositories, access, chip_id, "deleted", name)
        return release

    def _read(self, repositories: Repositories, access: Access, chip_id: str, name: str) -> Release:
        repositories.of(ChipRepository).require(access.project_id, chip_id)
        header = repositories.of(ReleaseRepository).require(access.project_id, chip_id, name)
        chip = read_released_chip(repositories, header, self._registry.value_declarations())
        return Release(header, chip, select_simulated_time(self._clock()))

    def _choose_name(self, repositories: Repositories, access: Access, chip_id: str, now: datetime) -> str:
        day = format_day(now, self._zone)
        taken = {
            one.name for one in repositories.of(ReleaseRepository).list_by_chip(access.project_id, chip_id)
        }
        numbered = (f"{day}-{number}" for number in range(2, len(taken) + 3))
        return next(name for name in (day, *numbered) if name not in taken)

    def _read_metrics_file(self) -> str | None:
        if self._metrics_file is None:
            return None
        try:
            text = self._metrics_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(
                f"the metrics file {self._metrics_file} cannot be read: {error}"
            ) from error
        if len(text) > _LARGEST_METRICS_FILE:
            raise InvalidInputError(
                f"the metrics file {self._metrics_file} has {len(text)} characters; at most {_LARGEST_METRICS_FILE} are allowed"
            )
        return text


def check_release_name(name: str) -> None:
    """Raise InvalidInputError if a name is empty, too long, reserved, or has characters that paths and shells treat specially."""
    plain = name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    if not plain or len(name) > LONGEST_NAME or not name[0].isalnum() or name == PointKind.NOW:
        raise InvalidInputError(
            f"{name!r} is not a name of a release: up to {LONGEST_NAME} letters, digits, '-', '_' and '.', beginning with a letter "
            f"or digit, and not '{PointKind.NOW}'"
        )


def _log(repositories: Repositories, access: Access, chip_id: str, what: str, name: str) -> None:
    repositories.of(EventRepository).append(
        EventModel(
            project_id=access.project_id,
            kind=f"release.{what}",
            chip_id=chip_id,
            data={"name": name, "username": access.username},
        )
    )
