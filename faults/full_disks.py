"""Full disks: a small file system if one can be mounted, and a limit on the file size."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from faults.record import examine
from faults.resumed_runs import NODES, RUN
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.artifacts.raw_data import decode
from qdash_core.errors import QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

_SIZE = "24m"
_PATIENCE_S = "1"
_REASONS = ("No space left on device", "File too large")


def fill_disk(place: Place, number: int, rng: Random) -> Findings:
    """Run a bring-up on a small file system that fills up; free space, and resume."""
    with _small_disk(place.folder / f"disk-{number}") as disk, place.laboratory(below=disk) as laboratory:
        ballast = disk / "ballast"
        _fill(ballast, leave=rng.randrange(20_000, 400_000))
        return _run_until_full(laboratory, ballast.unlink)


def limit_file_size(place: Place, number: int, rng: Random) -> Findings:
    """Run a bring-up under a limit on the file size; lift the limit, and resume."""
    with place.laboratory() as laboratory:
        path = Path(laboratory.store_url.removeprefix("sqlite:///"))
        limit = rng.randrange(2_000, 6_000) if place.server else path.stat().st_size + rng.randrange(100_000)
        return _run_until_full(laboratory, lambda: None, file_size=limit)


def _run_until_full(
    laboratory: Laboratory, make_room: Callable[[], None], file_size: int | None = None
) -> Findings:
    impatient = laboratory.with_settings(QDASH_STORE_PATIENCE_S=_PATIENCE_S)
    with impatient.start(*RUN, watched=True, file_size=file_size) as command:
        status, reported, said = command.ended(), command.progress, command.err
    make_room()
    found = examine(laboratory, reported.results, at_rest=False)
    found.illegal.extend(_partial_files(laboratory))
    found.expect(
        "Traceback" not in said and "unexpected" not in said,
        f"the error was not reported in one line: {said}",
    )
    with laboratory.opened() as qdash:
        executions = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
        results = (
            qdash.get(EXECUTIONS).show(qdash.access("admin"), executions[0].execution_id)[1]
            if executions
            else []
        )
    found.expect(
        len(reported.results) < NODES or status or any(r.status is not TaskStatus.COMPLETED for r in results),
        "the disk never was full",
    )
    unwritten = [result for result in results if result.status is TaskStatus.FAILED]
    if executions and executions[0].status is ExecutionStatus.COMPLETED:
        for result in unwritten:
            found.expect(
                any(reason in result.message for reason in _REASONS), f"{result.name}: {result.message}"
            )
        again: tuple[str, ...] = RUN
    else:
        found.expect(status == 1, f"the run ended with {status}: {said}")
        again = ("executions", "resume", executions[0].execution_id) if executions else RUN
    with laboratory.start(*again, watched=True) as second:
        status = second.ended()
        more = examine(laboratory, [*reported.results, *second.progress.results])
        more.acknowledged -= found.acknowledged
        found.take_in(more)
        found.expect(status == 0, f"with room {' '.join(again)} ended with {status}: {second.err}")
        if (began_at := second.progress.began_at) is not None:
            found.recovery_s.append(began_at - second.started_at)
    with laboratory.opened() as qdash:
        newest = qdash.get(EXECUTIONS).newest(qdash.access("admin"))[0]
    found.expect(newest.tasks == {"completed": NODES}, f"with room it came to {newest.tasks}")
    return found


def _partial_files(laboratory: Laboratory) -> Iterator[str]:
    for path in sorted((laboratory.home / "artifacts").rglob("*")):
        if path.is_file():
            try:
                decode(path)
            except QDashError as error:
                yield f"half-written: {error}"


def _fill(ballast: Path, *, leave: int) -> None:
    """Write a file that leaves this many bytes free, rounded to a page."""
    space = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, space.f_bavail * space.f_frsize - leave)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Yield a folder on a small file system of its own."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "faults", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@cache
def can_mount() -> bool:
    """Return whether a small file system can be mounted here."""
    with tempfile.TemporaryDirectory() as name:
        try:
            with _small_disk(Path(name)):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False
