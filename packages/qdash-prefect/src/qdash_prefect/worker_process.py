"""Process of Prefect's worker: started once the server is available, restarted if it dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.process.interrupts import block_ctrl_c
from qdash_prefect.relay import REPORT_SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_prefect.settings import PrefectSettings

_END_S = 5.0
_PAUSES_S = 1.0, 60.0
"""First and longest delay before a restart, in seconds: each death soon after a start doubles it."""
_EARLY_DEATH_S = 60.0
_FRESH_S = 10.0
"""Time without a request to its server after which a worker counts as taking no runs, in seconds."""
_HUNG_AFTER_CHECKS = 45
"""Number of checks, one per second while the server answers, without a request after which a worker counts as
hung. Its start takes 7 s, or several times that.
"""
_USUAL = {
    "DO_NOT_TRACK": "1",
    "PREFECT_CLIENT_MAX_RETRIES": "2",
    # It logs a lot while its server is unavailable.
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_ROOT_LEVEL": "CRITICAL",
    "PREFECT_WORKER_ENABLE_CANCELLATION": "true",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "5",
    "PREFECT_WORKER_PREFETCH_SECONDS": "0",
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
}
"""Default environment of Prefect's worker: frequent requests, and no early starts."""


class WorkerProcess:
    """Process that runs `pool_worker` under the name of the worker and of its work queue."""

    def __init__(self, settings: PrefectSettings, name: str, *, report: Callable[[str], None]) -> None:
        self._settings, self._name, self._report = settings, name, report
        self._process: subprocess.Popen[bytes] | None = None
        self._polled_at = -_FRESH_S
        self._started = self._not_before = 0.0
        self._pause_s, self._checks_without_poll = _PAUSES_S[0], 0

    def record_poll(self) -> None:
        """Record that the process has asked its server for runs."""
        self._polled_at, self._checks_without_poll = time.monotonic(), 0

    @property
    def is_polling(self) -> bool:
        """True if the process is alive and its server responds to it."""
        process = self._process  # another thread may clear it
        lives = process is not None and process.poll() is None
        return lives and time.monotonic() - self._polled_at < _FRESH_S

    def keep_alive(self, report_server: str) -> None:
        """Start the process unless it is alive or has just died.

        A hanging process is killed first. The server has to respond; relays report to `report_server`.
        """
        if self._process is not None:
            if (how := self._describe_end(self._process)) is None:
                return
            self._close()
            pause_s = self._pause_after_death()
            self._report(f"Prefect's worker {self._name} {how}: restart in {pause_s:.0f} s")
        if time.monotonic() < self._not_before:
            return
        self._started, self._checks_without_poll = time.monotonic(), 0
        addresses = {"PREFECT_API_URL": self._settings.api_url, REPORT_SERVER: report_server}
        with block_ctrl_c():
            self._process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-P", "-m", "qdash_prefect.pool_worker", self._settings.pool, self._name],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={**_USUAL, **os.environ, **addresses},
                start_new_session=True,  # Ctrl-C is for QDash's worker, which ends it after its runs
            )

    def _describe_end(self, process: subprocess.Popen[bytes]) -> str | None:
        """Return how a process has ended, or None while it works; kill a hanging one."""
        if (status := process.poll()) is not None:
            return f"exited with status {status}"
        self._checks_without_poll += 1
        if self._checks_without_poll < _HUNG_AFTER_CHECKS:
            return None
        process.kill()
        process.wait()
        return "did not poll for runs although its server responds, and was killed"

    def _pause_after_death(self) -> float:
        now = time.monotonic()
        shortest, longest = _PAUSES_S
        young = now - self._started < _EARLY_DEATH_S
        pause_s = self._pause_s if young else shortest
        self._pause_s = min(2 * pause_s, longest)
        self._not_before = now + pause_s
        return pause_s

    def end(self) -> None:
        """End the process; the processes that it has started continue."""
        if self._process is None:
            return
        process = self._process
        self._close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._process = None
