"""`qdash` as a process that faults happen to: its streams, its children, and what it told its watcher."""

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
"""A folder of modules that every process finds: a plugin that misbehaves, and a clock and host name to choose."""
PATIENCE_S = 120.0
"""So long nothing takes, on however busy a machine."""
_QDASH = Path(sysconfig.get_path("scripts")) / "qdash"
_MARK = "FAULTS_MARK"
_NOT_KEPT = ("QDASH_", "COV", "COLUMNS", "UV_", "PYTHON")
_PAUSE_S = 0.02


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a process: nothing of ours leaks into it but these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
    return {**kept, "PYTHONPATH": f"{SITE}{os.pathsep}{ROOT}", **settings}


def wait_until(happened: Callable[[], object], *, what: str) -> None:
    """Look again and again until something has happened; RuntimeError when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it never happened: {what}")
        time.sleep(_PAUSE_S)


@dataclass(frozen=True, slots=True)
class Told:
    """What a watcher was told, in order."""

    lines: tuple[dict[str, Any], ...]

    @property
    def results(self) -> list[dict[str, Any]]:
        """Results as they were told; each is acknowledged."""
        return [line["finished"] for line in self.lines if "finished" in line]

    @property
    def execution_id(self) -> str | None:
        """The execution that was begun or resumed."""
        return next((str(line["began"]) for line in self.lines if "began" in line), None)

    @property
    def began_at(self) -> float | None:
        """When it was said to have begun, in s since the epoch."""
        return next((float(line["at"]) for line in self.lines if "began" in line), None)

    def first_after(self, moment: float) -> float | None:
        """When the first result after a moment was told, in s since the epoch."""
        return next((line["at"] for line in self.lines if "finished" in line and line["at"] > moment), None)


class Command:
    """A process, and all processes that come of it. A context manager that leaves none behind.

    Parameters
    ----------
    arguments
        Of the command line.
    folder : Path
        Where it writes what it says.
    settings : mapping
        Its environment, beside what every process has.
    module : str
        Module that is run with the file for what is told before the arguments; empty: `qdash` itself, told nothing.
    file_size : int or None
        So large, in bytes, files may become that its processes write.
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
        told = self._streams.with_suffix(".told")
        program = [sys.executable, "-m", module, str(told)] if module else [str(_QDASH)]
        # Of a module that does not fit Python would keep the beginning as if it were whole.
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
        """Number of the command's own process."""
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
    def told(self) -> Told:
        """What its watcher was told so far. A line that was cut by the kill was not told."""
        path = self._streams.with_suffix(".told")
        lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        return Told(tuple(json.loads(line) for line in lines))

    def others(self) -> list[psutil.Process]:
        """Return the living processes that came of it, without its own."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid != self.pid and process.environ().get(_MARK) == self._mark:
                    found.append(process)
        return found

    @property
    def running(self) -> bool:
        """Whether its own process lives."""
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to its own process."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill its own process."""
        self.signal(signal.SIGKILL)

    def kill_others(self) -> None:
        """Kill every other process that came of it."""
        for process in self.others():
            with suppress(psutil.Error):
                process.kill()

    def kill_everything(self) -> None:
        """Kill its own process and every other, with no time in between for one to notice that the other is gone."""
        others = self.others()
        self.kill()
        for process in others:
            with suppress(psutil.Error):
                process.kill()

    def ended(self) -> int:
        """Wait until every process is gone; return the exit status. RuntimeError when they never go."""
        try:
            status = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{' '.join(self.arguments)} does not end: {self.err}") from None
        wait_until(lambda: not self.others(), what=f"the end of what {' '.join(self.arguments)} started")
        return status
