"""`qdash` as a process under test: its output, its children, and the progress reported to its watcher."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import sysconfig
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

ROOT = Path(__file__).parents[1]
SITE = Path(__file__).with_name("site")
"""A folder of modules on the path of every process: a misbehaving plugin, and a replaceable clock and host
name.
"""
PATIENCE_S = 240.0
"""Timeout that nothing exceeds, even on a busy machine."""
_QDASH = Path(sysconfig.get_path("scripts")) / "qdash"
_MARK = "FAULTS_MARK"
_NOT_KEPT = ("QDASH_", "COV", "COLUMNS", "UV_", "PYTHON")
_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.1


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a process; only these settings are passed on from this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
    return {**kept, "PYTHONPATH": f"{SITE}{os.pathsep}{ROOT}", **settings}


def wait_until(happened: Callable[[], object], *, what: str) -> None:
    """Poll until a condition holds; raise RuntimeError after a timeout.

    Pauses become longer, since the processes under test need the processor that a poll takes.
    """
    deadline, pause_s = time.monotonic() + PATIENCE_S, _PAUSE_S
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it never happened: {what}")
        time.sleep(pause_s)
        pause_s = min(1.2 * pause_s, _LONGEST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class ReportedProgress:
    """Progress that was reported to a watcher, in order."""

    lines: tuple[dict[str, Any], ...]

    @property
    def results(self) -> list[dict[str, Any]]:
        """Reported results; each of them is acknowledged."""
        return [line["finished"] for line in self.lines if "finished" in line]

    @property
    def execution_id(self) -> str | None:
        """Id of the execution that was started or resumed."""
        return next((str(line["began"]) for line in self.lines if "began" in line), None)

    @property
    def began_at(self) -> float | None:
        """Reported start, in s since the epoch."""
        return next((float(line["at"]) for line in self.lines if "began" in line), None)

    def first_after(self, moment: float) -> float | None:
        """Return when the first result after a moment was reported, in s since the epoch."""
        return next((line["at"] for line in self.lines if "finished" in line and line["at"] > moment), None)


class Command:
    """A process and all its descendants. A context manager that kills all of them on exit.

    Parameters
    ----------
    arguments
        Command-line arguments.
    folder : Path
        Folder of its output.
    settings : mapping
        Additional environment variables.
    module : str
        Module to run, with the file for progress before the arguments; empty to run `qdash` itself without that file.
    file_size : int or None
        Limit of the size of files that its processes write, in bytes.
    """

    def __init__(
        self,
        *arguments: str,
        folder: Path,
        settings: Mapping[str, str],
        module: str = "",
        file_size: int | None = None,
    ) -> None:
        self.arguments = arguments
        self._streams = folder / f"command-{uuid.uuid4()}"
        self._mark = str(uuid.uuid4())
        reported = self._streams.with_suffix(".progress")
        program = [sys.executable, "-m", module, str(reported)] if module else [str(_QDASH)]
        # Python would keep a truncated bytecode file as if it were complete.
        whole_modules = {} if file_size is None else {"PYTHONDONTWRITEBYTECODE": "1"}
        self.started_at = time.time()
        with (
            self._streams.with_suffix(".out").open("wb") as out,
            self._streams.with_suffix(".err").open("wb") as err,
        ):
            self._process = subprocess.Popen(
                [*program, *arguments],
                cwd=folder,
                env={**environment(**settings), _MARK: self._mark, **whole_modules},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        if file_size is not None:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (file_size, file_size))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill_everything()
        self._process.wait()

    @property
    def pid(self) -> int:
        """Process id of the command itself."""
        return self._process.pid

    @property
    def out(self) -> str:
        """Standard output so far."""
        return self._streams.with_suffix(".out").read_text("utf-8", "replace")

    @property
    def err(self) -> str:
        """Standard error so far."""
        return self._streams.with_suffix(".err").read_text("utf-8", "replace")

    @property
    def progress(self) -> ReportedProgress:
        """Progress reported to its watcher so far. A line cut off by the kill does not count."""
        path = self._streams.with_suffix(".progress")
        lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        return ReportedProgress(tuple(json.loads(line) for line in lines))

    def others(self) -> list[psutil.Process]:
        """Return its living descendants, without the process itself."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid != self.pid and process.environ().get(_MARK) == self._mark:
                    found.append(process)
        return found

    @property
    def running(self) -> bool:
        """True while its own process is alive."""
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the process itself."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the process itself."""
        self.signal(signal.SIGKILL)

    def kill_others(self) -> None:
        """Kill all its descendants."""
        for process in self.others():
            with suppress(psutil.Error):
                process.kill()

    def kill_everything(self) -> None:
        """Kill the process and all its descendants at once, so that none can react to the death of another."""
        others = self.others()
        self.kill()
        for process in others:
            with suppress(psutil.Error):
                process.kill()

    def ended(self) -> int:
        """Wait until every process has ended; return the exit status. Raise RuntimeError if they never end."""
        try:
            status = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{' '.join(self.arguments)} does not end: {self.err}") from None
        wait_until(lambda: not self.others(), what=f"the end of what {' '.join(self.arguments)} started")
        return status
