"""Backups of timetables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_builtin.home.model import BackupRequest
from qdash_builtin.timetables.activity import ActivityResult, ThreadedActivity
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.errors import InvalidInputError
from qdash_core.models.project import DEFAULT_PROJECT, ProjectRole

if TYPE_CHECKING:
    from qdash_builtin.timetables.activity import ActivityServices, Occurrence, Planning
    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories


class BackupActivity(ThreadedActivity[BackupRequest]):
    """Backup of the whole store in a folder of the worker's machine, planned by owners of project `default`."""

    field = "backup"
    request_type = BackupRequest
    noun = "backup"
    does = "makes backups"
    busy = "saving"
    done = "saved"
    lost = "the process that was making the backup ended before it was complete"
    role = ProjectRole.OWNER
    selected_by = "backup"
    options: ClassVar = {"backup": "folder", "keep": "keep"}

    @classmethod
    def _parse(cls, fields: dict[str, Any]) -> dict[str, Any]:
        if "keep" in fields:
            *_, number = fields["keep"]
            if not number.isdecimal():
                raise InvalidInputError(f"--keep {number}: write the number of backups to keep, such as 14")
            fields["keep"] = int(number)
        return fields

    def __str__(self) -> str:
        """Return the activity in words."""
        keep = self.request.keep
        return f"backups in {self.request.folder}{'' if keep is None else f', of which {keep} are kept'}"

    @property
    def by_hand(self) -> str:
        """Advice that names the command which makes one now."""
        return f"make a backup now with `qdash store backup {self.request.folder}`"

    def require_access(self, access: Access) -> None:
        """Raise AccessDeniedError or InvalidInputError unless the user is an owner of project `default`, and acts in it."""
        if access.project_id != DEFAULT_PROJECT:
            raise InvalidInputError(
                f"a backup is of all projects: its timetable belongs to project {DEFAULT_PROJECT}, not to {access.project_id}"
            )
        super().require_access(access)

    def validate(self, planning: Planning) -> BackupRequest:
        """Return the request; InvalidInputError if there is no such folder, or it is named over a network."""
        if not planning.trusted_files:
            raise InvalidInputError(
                "a folder for backups is set on its machine: qdash timetable add NAME --backup FOLDER, or edit"
            )
        self._require_folder()
        return self.request

    def perform(self, services: ActivityServices, occurrence: Occurrence) -> ActivityResult:
        """Make the backup, and remove old ones."""
        from qdash_builtin.home.backups.creation import create_backup
        from qdash_builtin.home.backups.data_location import DataLocation

        made = create_backup(
            DataLocation.of_runtime(services.runtime),
            self._require_folder(),
            keep=self.request.keep,
            now=occurrence.now,
            progress=lambda *_: None,
        )
        lacks = made.manifest.missing + made.manifest.altered
        why = f"{made.file} lacks intact raw data, such as {lacks[0]}" if lacks else f"{made.file}"
        return ActivityResult(not lacks, why)

    def _require_folder(self) -> Path:
        folder = Path(self.request.folder)
        if not folder.is_dir():
            raise InvalidInputError(
                f"there is no folder {folder} on this machine: create it, with the rights of the worker"
            )
        return folder


def record_restored_backup(repositories: Repositories, place: Path) -> None:
    """Record the backup at a place, which was restored, as complete in the timetable that was making it."""
    for timetable in repositories.of(TimetableRepository).list_by_project(DEFAULT_PROJECT):
        if timetable.last is not None and timetable.last.became == "saving":
            saved = timetable.last.model_copy(update={"became": "saved", "why": str(place.absolute())})
            repositories.of(TimetableRepository).put(timetable.model_copy(update={"last": saved}))
