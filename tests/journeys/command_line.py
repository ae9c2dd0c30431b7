"""`qdash` as users run it: a process with a home of its own, and its effects."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sysconfig
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from ..prepared.prepared_commands import PreparedCommand
from ..prepared.shared_process import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

    import pytest

QDASH = Path(sysconfig.get_path("scripts")) / "qdash"
PATIENCE_S = 120.0
"""Timeout of all waits in a test, far above any real duration."""
UNFINISHED = {"scheduled", "pending", "running"}
_NOT_KEPT = ("QDASH_", "COV", "COLUMNS", "UV_")
"""Prefixes of variables that would change the behaviour or output of a command."""


@dataclass(frozen=True)
class Outcome:
    """Result of an ended process."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; a second one or any other text is an error."""
        return json.loads(self.out)


class Prepared(Shared):
    """The process that forks commands, see `tests/prepared/processes.py`. A context manager."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        super().__init__(factory)
        self.factory = factory
        self.folder = factory.mktemp("streams")

    def run(self, request: Mapping[str, object]) -> int:
        """Run a command to its end and return its exit status."""
        return self.ask(json.dumps(request))


@dataclass(frozen=True)
class CommandLine:
    """Runs `qdash` in a folder, with a home, and with the given settings only."""

    prepared: Prepared = field(repr=False)
    folder: Path
    home: Path | None
    settings: Mapping[str, str] = field(default_factory=dict)
    umask: int = -1
    """Umask of new files; negative for that of this process."""
    obeys_permissions: bool = False
    """Root obeys the permissions of files, as other users do."""
    err: Path | None = None
    """Device for standard error instead of a file that is read."""

    def __call__(self, *arguments: str | Path, **options: Any) -> Outcome:
        """Run a command to its end, with any exit status; in a fresh process if it has special streams."""
        if options:
            return self.run_in_new_process(*arguments, **options)
        out, err = (self._make_capture_file(name) for name in ("out", "err"))
        status = self.prepared.run(
            {
                "arguments": [str(argument) for argument in arguments],
                "folder": str(self.folder),
                "environment": self.environment,
                "umask": self.umask,
                "obeys_permissions": self.obeys_permissions,
                "out": str(out),
                "err": str(self.err or err),
                "seconds": int(PATIENCE_S),
            }
        )
        return Outcome(status, out.read_text("utf-8"), err.read_text("utf-8"))

    def run_in_new_process(self, *arguments: str | Path, **options: Any) -> Outcome:
        """Run a command to its end in a fresh process."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        done = subprocess.run(
            [QDASH, *arguments],
            cwd=self.folder,
            env=self.environment,
            umask=self.umask,
            timeout=PATIENCE_S,
            check=False,
            text=True,
            **{**pipes, **options},
        )
        return Outcome(done.returncode, done.stdout or "", done.stderr or "")

    def _make_capture_file(self, name: str) -> Path:
        """Return an empty file outside of all folders that tests inspect."""
        path = self.prepared.folder / name
        path.write_bytes(b"")
        return path

    def does(self, *arguments: str | Path) -> str:
        """Run a command that must succeed, and return its output."""
        outcome = self(*arguments)
        assert outcome.status == 0, outcome
        return outcome.out

    def read_json(self, *arguments: str | Path) -> Any:
        """Run a command that must succeed with `--json`, and return the JSON."""
        return json.loads(self.does(*arguments, "--json"))

    def run_refused(self, *arguments: str | Path, status: int = 2) -> str:
        """Run a command that must be refused: one line on standard error, nothing on standard output. Return
        the line.
        """
        outcome = self(*arguments)
        assert (outcome.status, outcome.out) == (status, ""), outcome
        assert outcome.err.startswith("error: "), outcome
        assert outcome.err.count("\n") == 1, outcome
        return outcome.err

    @contextmanager
    def start(
        self, *arguments: str | Path, fresh: bool = False, **options: Any
    ) -> Iterator[subprocess.Popen[str]]:
        """Start a process, and end it when the block ends. It is a fork of the prepared process unless `fresh`."""
        start = subprocess.Popen if fresh else partial(PreparedCommand, self.prepared.path)
        process = start(
            [QDASH, *arguments],
            cwd=self.folder,
            env=self.environment,
            umask=self.umask,
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    @contextmanager
    def run_beside(self, *arguments: str | Path) -> Iterator[tuple[Future[Outcome], Path]]:
        """Run a command beside others, in a fork of the prepared process; yield its future outcome and the file of its
        standard error. The end of the block waits for the command.
        """
        with Prepared(self.prepared.factory) as prepared, ThreadPoolExecutor(1) as pool:
            beside = replace(self, prepared=prepared)
            (prepared.folder / "err").touch()
            yield pool.submit(beside, *arguments), prepared.folder / "err"

    def with_home(self, home: Path | None, *, folder: Path | None = None) -> CommandLine:
        """Return the same command line with another home, and without settings."""
        return CommandLine(self.prepared, folder or self.folder, home)

    def with_settings(self, **settings: str) -> CommandLine:
        """Return the same command line with additional environment variables."""
        return replace(self, settings={**self.settings, **settings})

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the process: it inherits nothing from this one, and turns warnings into errors."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
        home = {} if self.home is None else {"QDASH_HOME": str(self.home)}
        own = {
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }
        return {**kept, **own, "PYTHONWARNINGS": "error", **home, **self.settings}

    # ------------------------------------------------------------------------------------------- what is left behind

    def read_everything(self) -> dict[str, object]:
        """Return every row of the store and every file of the home, to detect changes."""
        assert self.home is not None
        found: dict[str, object] = {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and not path.name.startswith("qdash.db")
        }
        if (self.home / "qdash.db").exists():
            with self._store() as store:
                tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for (table,) in tables:
                    rows = store.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
                    found[f"table {table}"] = rows.fetchall()
        return found

    def list_task_states(self) -> list[str]:
        """Return the state of every task of all plans."""
        return [row[0] for row in self.query_rows("SELECT doc ->> '$.status' FROM task_result_history")]

    def list_execution_states(self) -> list[str]:
        """Return the state of every execution, newest first."""
        return [execution["status"] for execution in self.read_json("executions", "list")]

    def list_locks(self) -> list[Any]:
        """Return the holders of locks."""
        return self.query_rows("SELECT * FROM execution_lock")

    def get_holder_pid(self) -> int:
        """Return the process id of the only lock holder: that of the flow, not of the command."""
        ((pid,),) = self.query_rows("SELECT doc ->> '$.pid' FROM execution_lock")
        return int(pid)

    def get_command_pid(self) -> int:
        """Return the process id of the command whose flow holds the only lock."""
        return psutil.Process(self.get_holder_pid()).ppid()

    def query_rows(self, statement: str) -> list[Any]:
        """Return the rows of a statement in the store."""
        with self._store() as store:
            return store.execute(statement).fetchall()

    def _store(self) -> closing[sqlite3.Connection]:
        assert self.home is not None
        return closing(sqlite3.connect(self.home / "qdash.db", timeout=PATIENCE_S))


def wait_until(happened: Callable[[], object], *, what: str) -> None:
    """Poll until something has happened. Pauses become longer, since the processes under test need the
    processor that a poll takes.
    """
    deadline, pause, pause_s = time.monotonic() + PATIENCE_S, threading.Event(), 0.02
    while not happened():
        assert time.monotonic() < deadline, f"it never happened: {what}"
        pause.wait(pause_s)
        pause_s = min(1.2 * pause_s, 0.1)


def make_cancel_message(execution_id: object) -> str:
    """Return the final message of a command whose run was interrupted."""
    goes_on = f"`qdash executions resume {execution_id}` resumes it"
    return f"error: interrupted: execution {execution_id} is cancelled: {goes_on}\n"


def wait_for_end(process: subprocess.Popen[str]) -> Outcome:
    """Wait for the end of a process and return its outcome."""
    out, err = process.communicate(timeout=PATIENCE_S)
    return Outcome(process.returncode, out or "", err or "")
