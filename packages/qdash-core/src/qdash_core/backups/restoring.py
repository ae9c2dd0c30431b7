"""Restoring a backup: files first, then the documents, as `rewriting` says.

Until the last transaction is committed nothing of the backup is in use. Files that are not in the backup stay. Whoever is cut
does the same again: files that are there already are passed over.
"""

from __future__ import annotations

import io
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.backups.manifest import CHIP_FILES, FILES, STORE
from qdash_core.backups.reading import OUTSIDE_MEMBERS
from qdash_core.backups.rewriting import rewrite
from qdash_core.errors import InvalidInputError, LockedError, StoreError
from qdash_core.health.emptiness import is_fresh_home
from qdash_core.lease.liveness import is_live
from qdash_core.models.execution import ExecutionLockModel, ExecutionStatus
from qdash_core.record import outside
from qdash_core.repositories.numbering import last_number
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime

    from qdash_core.artifacts.storage import FilesystemCalibDataSaver
    from qdash_core.backups.places import Place
    from qdash_core.backups.reading import Backup
    from qdash_core.repositories.store import Snapshot, Transaction

_NAMED = 3
_WRITERS = 8
"""Files that are written at once: a disk confirms several about as fast as one."""
_WITH_FORCE = {STORE: "", OUTSIDE_MEMBERS: "; --force restores it all the same"}
_WHAT_IS_LOST = {
    "project": "projects",
    "chip": "chips",
    "execution_history": "executions",
    "task_result_history": "results",
}


@dataclass
class Restored:
    """What was restored.

    Attributes
    ----------
    documents, files : int
        How many were written; files that were there already are not among them.
    interrupted : list of str
        Executions that were running when the backup was made, and have ended now as after a crash.
    held : list of str
        Executions that waited for a worker, and are held: nothing begins by itself in a restored store.
    left_out : list of str
        Files of the backup that are not what was written, and were not restored.
    chip_files : int
        How many files in which backends keep what they know of chips were written.
    stayed : list of str
        Those of them that were there already, otherwise than in the backup, and stay.
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
    place: Place,
    *,
    force: bool,
    now: datetime,
    progress: Callable[[str, int, int | None], None],
) -> Restored:
    """Restore a backup into an empty store, or with `force` in the place of what a store holds.

    Parameters
    ----------
    backup : Backup
        Looked through before anything is written.
    place : Place
        Where it goes.
    force : bool
        Whether the documents that are there may be lost, and files of the backup be left out that are broken in it.
    now : datetime
        What the clock says.
    progress : callable
        Told what is being done, how much of it is done, and of how much.

    Raises
    ------
    InvalidInputError
        If there is something that would be lost, and it is not forced: what.
    LockedError
        If a run goes on there, or a process waits for one.
    StoreError
        If the backup is not what was written, or a store fails. Nothing of the backup is in use then.
    """
    with place.store.read() as before:
        _refuse_what_is_there(before, now, force=force)
    problems = backup.problems(progress)
    if problems and (not force or problems[0] == STORE):
        raise StoreError(
            f"{backup.place} is not what was written ({_first(problems)}): restore another one"
            + _WITH_FORCE.get(problems[0], "; --force leaves those files out")
        )
    restored = Restored(
        left_out=[
            name.removeprefix(FILES).removeprefix(CHIP_FILES) for name in problems if name != OUTSIDE_MEMBERS
        ]
    )
    _restore_files(backup, place, restored, progress)
    _restore_chip_files(backup, place.chip_files.storage, restored)
    lasts = {name: last_number(place.store, COLLECTIONS[name]) for name in backup.manifest.numbers}

    def begin(transaction: Transaction) -> None:
        # Copying files takes its time: somebody may have begun something since.
        _refuse_what_is_there(transaction, now, force=force)

    def finish(transaction: Transaction) -> None:
        for name, last in backup.manifest.numbers.items():
            if lasts[name] < last and transaction.get(name, (last,)) is None:
                number = {COLLECTIONS[name].key[0]: last}
                transaction.insert(name, number)
                transaction.delete(name, number)
        _end_what_was_going_on(Repositories(transaction), place, restored, backup, now)

    with backup.documents() as documents, documents.read() as snapshot:
        restored.documents = rewrite(place.store, snapshot, begin=begin, finish=finish, progress=progress)
    return restored


def _refuse_what_is_there(snapshot: Snapshot, now: datetime, *, force: bool) -> None:
    """Refuse a store that is in use, and without `force` one with more than a fresh home begins with."""
    leases = map(ExecutionLockModel.model_validate, snapshot.find("execution_lock", {}))
    for mark in (*leases, *Repositories(snapshot).presences.everything()):
        if is_live(mark, now):
            raise LockedError(
                f"the store is in use by process {mark.pid} on {mark.host}: let it end, or stop it, then restore"
            )
    cut_before = snapshot.count("project", {}) == 0  # no home is without one, see `rewriting`
    if force or cut_before or is_fresh_home(snapshot):
        return
    told = ", ".join(f"{snapshot.count(name, {})} {noun}" for name, noun in _WHAT_IS_LOST.items())
    raise InvalidInputError(
        f"the store is not empty ({told}, ...): restore into another QDASH_HOME, or lose all of that with --force"
    )


def _restore_files(
    backup: Backup, place: Place, restored: Restored, progress: Callable[[str, int, int | None], None]
) -> None:
    """Write the files that are not there yet, several at once; the tar file is read by one thread."""

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


def _restore_chip_files(backup: Backup, home: FilesystemCalibDataSaver, restored: Restored) -> None:
    """Write what backends keep of chips where it is missing: an instrument that is there goes on, whatever is recorded."""
    for path, kept in backup.manifest.chip_files.items():
        if home.exists(path):
            if home.checksum(path) != kept.sha256:
                restored.stayed.append(path)
        elif path not in restored.left_out:
            with backup.reading_of_chip(path) as source:
                home.write(path, source)
            restored.chip_files += 1


def _end_what_was_going_on(
    repositories: Repositories, place: Place, restored: Restored, backup: Backup, now: datetime
) -> None:
    """End what ran, as after a crash, cancel what a command waited for, and hold what waits for a worker."""
    for project in repositories.projects.everything():
        for running in repositories.executions.in_state(project.project_id, ExecutionStatus.RUNNING):
            outside.end_interrupted(repositories, running, place.artifacts, now=now)
            restored.interrupted.append(running.execution_id)
    for entry in repositories.queue.everything():
        execution = repositories.executions.find(*entry.key)
        if execution is None or not entry.detached:
            repositories.queue.remove(*entry.key)
            if execution is not None and execution.status is ExecutionStatus.SCHEDULED:
                message = "the command that waited for it is not in the backup"
                outside.cancel(repositories, execution, place.artifacts, message, now=now)
            continue
        begun = execution.status is not ExecutionStatus.SCHEDULED
        changes = {
            "performer": "",
            "held": True,
            "reason": f"it comes from the backup of {backup.manifest.made_at:%Y-%m-%d %H:%M} UTC",
            "resume": begun,
            "attempts": len(execution.attempts),
        }
        repositories.queue.put(entry.model_copy(update=changes))
        restored.held.append(entry.execution_id)


def _first(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
