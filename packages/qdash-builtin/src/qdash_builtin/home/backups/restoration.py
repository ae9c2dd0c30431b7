"""Restoration of a backup: files first, then the documents (see `document_replacement`).

Nothing of the backup is in use until the last transaction is committed. Files that are not in the backup
stay. After an interruption the same command continues, and skips files that were restored already.
"""

from __future__ import annotations

import io
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_builtin.home.backup_checks import record_restored_backup
from qdash_builtin.home.backups.document_replacement import replace_documents
from qdash_builtin.home.backups.manifest import CHIP_FILES, FILES, STORE
from qdash_builtin.home.backups.reader import OUTSIDE_MEMBERS
from qdash_builtin.home.fresh_home import is_fresh_home
from qdash_builtin.home.live_processes import list_live_marks
from qdash_builtin.home.repositories.numbering import get_last_number
from qdash_core.errors import InvalidInputError, LockedError, StoreError
from qdash_core.features.declarations import list_known_features
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock
from qdash_core.record.external_transitions import record_cancelled, record_interrupted
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime

    from qdash_builtin.home.backups.data_location import DataLocation
    from qdash_builtin.home.backups.reader import Backup
    from qdash_core.artifacts.storage import FilesystemCalibDataSaver
    from qdash_core.repositories.store import Snapshot, Transaction

_NAMED = 3
_WRITERS = 8
"""Number of files that are written at once: a disk syncs several about as fast as one."""
_WITH_FORCE = {STORE: "", OUTSIDE_MEMBERS: "; --force restores it all the same"}
_WHAT_IS_LOST = {
    "project": "projects",
    "chip": "chips",
    "execution_history": "executions",
    "task_result_history": "results",
}


@dataclass
class RestorationResult:
    """Result of a restoration.

    Attributes
    ----------
    documents, files : int
        Numbers of written documents and files, without files that existed already.
    interrupted : list of str
        Executions that were running at the time of the backup, now recorded as ended by a crash.
    held : list of str
        Executions that waited for a worker, now held: nothing starts automatically in a restored store.
    left_out : list of str
        Damaged files of the backup, which were not restored.
    chip_files : int
        Number of written chip files of backends.
    stayed : list of str
        Existing chip files that differ from the backup and were kept.
    """

    documents: int = 0
    files: int = 0
    chip_files: int = 0
    stayed: list[str] = field(default_factory=list)
    interrupted: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def restore(
    backup: Backup,
    place: DataLocation,
    *,
    force: bool,
    now: datetime,
    progress: Callable[[str, int, int | None], None],
) -> RestorationResult:
    """Restore a backup into an empty store, or with `force` replace the contents of a store.

    Parameters
    ----------
    backup : Backup
        The backup, which is verified before anything is written.
    force : bool
        Whether to replace existing documents, and to skip damaged files of the backup.
    now : datetime
        The current time; that of the simulated clock counts if the backup has one.
    progress : callable
        Called with the current step, the number of finished items and their total.

    Raises
    ------
    InvalidInputError
        If data would be lost without `force`, or the destination has another kind of clock than the backup; the message says which.
    LockedError
        If a run is in progress there, or a worker or a waiting command is alive.
    StoreError
        If the backup is damaged, or a store fails. Nothing of the backup is in use then.
    """
    with place.store.read() as before:
        _refuse_other_clock(before, backup, place)
        _require_restorable(before, force=force)
    problems = backup.list_problems(progress)
    if problems and (not force or problems[0] == STORE):
        raise StoreError(
            f"{backup.place} is damaged ({_list_first(problems)}): restore another one"
            + _WITH_FORCE.get(problems[0], "; --force leaves those files out")
        )
    if (moment := backup.manifest.simulated_clock) is not None:
        clock_file, now = place.home / CLOCK_FILE, moment
        if SimulatedClock.is_intact(clock_file):
            now = max(moment, SimulatedClock(clock_file).now())
    restored = RestorationResult(
        left_out=[
            name.removeprefix(FILES).removeprefix(CHIP_FILES) for name in problems if name != OUTSIDE_MEMBERS
        ]
    )
    _restore_files(backup, place, restored, progress)
    _restore_chip_files(backup, place.chip_files.storage, restored)
    held = place.store.collections
    lasts = {
        name: get_last_number(place.store, held[name]) for name in backup.manifest.numbers if name in held
    }

    def begin(transaction: Transaction) -> None:
        # Copying files takes time, so a run may have started since.
        _refuse_other_clock(transaction, backup, place)
        _require_restorable(transaction, force=force)

    def finish(transaction: Transaction) -> None:
        for name, last in backup.manifest.numbers.items():
            if lasts.get(name, 0) < last and transaction.get(name, (last,)) is None:
                number = {transaction.get_collection(name).key[0]: last}
                transaction.insert(name, number)
                transaction.delete(name, number)
        repositories = Repositories(transaction)
        _record_backup(repositories, restored, backup)
        _end_interrupted_work(repositories, place, restored, backup, now)

    with backup.open_documents() as documents, documents.read() as snapshot:
        restored.documents = replace_documents(
            place.store, snapshot, begin=begin, finish=finish, progress=progress
        )
    if moment is not None:
        # Last: a restore that fails leaves the clock as it was. After a crash right here, commands say that the clock is missing or catch it up.
        if SimulatedClock.is_intact(clock_file):
            SimulatedClock(clock_file).advance_to(now)
        else:
            SimulatedClock.create(clock_file, now)
    return restored


def _refuse_other_clock(snapshot: Snapshot, backup: Backup, place: DataLocation) -> None:
    """Raise InvalidInputError if a home, unless it is new, would get another kind of clock."""
    simulated = backup.manifest.simulated_clock is not None
    default = Repositories(snapshot).of(ProjectRepository).find(DEFAULT_PROJECT)
    has_simulated = (place.home / CLOCK_FILE).exists() or (default is not None and default.simulated_clock)
    if simulated is has_simulated or (simulated and (default is None or is_fresh_home(snapshot))):
        return
    kinds = ["the clock of the machine", "a simulated clock"]
    raise InvalidInputError(
        f"home {place.home} has {kinds[has_simulated]}, and {backup.place} is the backup of a home with {kinds[simulated]}: "
        "restore into another QDASH_HOME"
    )


def _require_restorable(snapshot: Snapshot, *, force: bool) -> None:
    """Raise LockedError if the store is in use; without `force`, InvalidInputError if it has data."""
    for mark in list_live_marks(snapshot):
        raise LockedError(
            f"the store is in use by process {mark.pid} on {mark.host}: let it end, or stop it, then restore"
        )
    cut_before = (
        snapshot.count("project", {}) == 0
    )  # every complete store has one, see `document_replacement`
    if force or cut_before or is_fresh_home(snapshot):
        return
    message = ", ".join(f"{snapshot.count(name, {})} {noun}" for name, noun in _WHAT_IS_LOST.items())
    raise InvalidInputError(
        f"the store is not empty ({message}, ...): restore into another QDASH_HOME, or lose all of that with --force"
    )


def _restore_files(
    backup: Backup,
    place: DataLocation,
    restored: RestorationResult,
    progress: Callable[[str, int, int | None], None],
) -> None:
    """Write missing files, several at once; a single thread reads the tar file."""

    def write(path: str, contents: bytes) -> bool:
        kept = backup.manifest.files[path].sha256
        if place.artifacts.exists(path) and place.artifacts.checksum(path) == kept:
            return False
        if place.artifacts.write(path, io.BytesIO(contents)) != kept:
            raise StoreError(f"{path} was not restored as it was: look at {place.artifacts_url}")
        return True

    paths = [path for path in backup.manifest.files if path not in restored.left_out]
    writing: deque[Future[bool]] = deque()
    with ThreadPoolExecutor(_WRITERS) as writers:
        for number, path in enumerate(paths, 1):
            progress("raw data", number, len(paths))
            with backup.reading(path) as source:
                writing.append(writers.submit(write, path, source.read()))
            while len(writing) > _WRITERS or (writing and number == len(paths)):
                restored.files += writing.popleft().result()


def _restore_chip_files(backup: Backup, home: FilesystemCalibDataSaver, restored: RestorationResult) -> None:
    """Write missing chip files of backends; existing ones stay, because the instrument has moved on."""
    for path, kept in backup.manifest.chip_files.items():
        if home.exists(path):
            if home.checksum(path) != kept.sha256:
                restored.stayed.append(path)
        elif path not in restored.left_out:
            with backup.open_chip_file(path) as source:
                home.write(path, source)
            restored.chip_files += 1


def _record_backup(repositories: Repositories, restored: RestorationResult, backup: Backup) -> None:
    """Record the backup in the restored store, if it has all data of the store, and tell the features."""
    if not backup.manifest.is_complete or restored.left_out:
        return
    record_restored_backup(repositories, backup.place, backup.manifest.made_at)
    for feature in list_known_features():
        for place in feature.restorations:
            resolve_name(place)(repositories, backup.place)


def _end_interrupted_work(
    repositories: Repositories,
    place: DataLocation,
    restored: RestorationResult,
    backup: Backup,
    now: datetime,
) -> None:
    """End running executions as after a crash, cancel runs of waiting commands, and hold background runs."""
    for project in repositories.of(ProjectRepository).list_all():
        for running in repositories.of(ExecutionRepository).list_by_status(
            project.project_id, ExecutionStatus.RUNNING
        ):
            record_interrupted(repositories, running, place.artifacts, now=now)
            restored.interrupted.append(running.execution_id)
    for entry in repositories.of(QueueRepository).list_all():
        execution = repositories.of(ExecutionRepository).find(*entry.key)
        if execution is None or not entry.detached:
            repositories.of(QueueRepository).remove(*entry.key)
            if execution is not None and execution.status is ExecutionStatus.SCHEDULED:
                message = "the command that waited for it is not in the backup"
                record_cancelled(repositories, execution, place.artifacts, message, now=now)
            continue
        begun = execution.status is not ExecutionStatus.SCHEDULED
        changes = {
            "performer": "",
            "held": True,
            "reason": f"it comes from the backup of {backup.manifest.made_at:%Y-%m-%d %H:%M} UTC",
            "resume": begun,
            "attempts": len(execution.attempts),
        }
        repositories.of(QueueRepository).put(entry.model_copy(update=changes))
        restored.held.append(entry.execution_id)


def _list_first(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
