"""Private Prefect server on SQLite, for tests, benchmarks and fault tests.

It listens on 127.0.0.1 only, requires an authentication string, sends no telemetry, and dies with the thread that
started it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from qdash_prefect.settings import PrefectSettings

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

_TIME_LIMIT_S = 180.0
_PAUSE_S = 0.1
_ANSWER_S = 10.0
"""Time limit for a response of a running server, even on a busy machine, in seconds."""
_PR_SET_PDEATHSIG = 1
_FEWER_WRITERS = {
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}
"""Unused services for events and automations, switched off because their writes lock SQLite for long."""
_QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


class PrefectServer:
    """Server with its data in a folder. A context manager.

    An empty folder takes 10 s longer; a server started again in the same folder keeps its data. None selects a free
    port and a random `user:password`. With `page` it also serves Prefect's interface.
    """

    def __init__(
        self, folder: Path, *, port: int | None = None, auth_string: str | None = None, page: bool = False
    ) -> None:
        self.folder = folder
        self.port = port or _free_port()
        self.auth_string = auth_string or f"qdash:{secrets.token_hex(16)}"
        self._page = page
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> PrefectSettings:
        """Settings for clients of the server."""
        known = PrefectSettings()
        where = {"api_url": f"http://127.0.0.1:{self.port}/api", "auth_string": SecretStr(self.auth_string)}
        return known.model_copy(update=where)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for clients of the server."""
        return {
            "PREFECT_HOME": str(self.folder / "client"),
            "PREFECT_API_URL": self.settings.api_url,
            "PREFECT_API_AUTH_STRING": self.auth_string,
            **_QUIET,
        }

    @property
    def log_path(self) -> Path:
        """Path of the server's log file."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start the server, and wait until it responds.

        Raises RuntimeError if it does not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        own = {
            "PREFECT_HOME": str(self.folder / "server"),
            "PREFECT_SERVER_API_AUTH_STRING": self.auth_string,
            "PREFECT_SERVER_UI_ENABLED": str(self._page).lower(),
            **_FEWER_WRITERS,
            **_QUIET,
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", "prefect", "server", "start"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                ],
                env={**others, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509
            )
        deadline = time.monotonic() + _TIME_LIMIT_S
        while not self._is_responding():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the Prefect server did not start: see {self.log_path}")
            time.sleep(_PAUSE_S)

    def stop(self) -> None:
        """Stop the server gracefully. Has no effect if it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server, as a power failure would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()  # faster than a graceful stop

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(_TIME_LIMIT_S)

    def _is_responding(self) -> bool:
        user, _, password = self.auth_string.partition(":")
        try:
            answer = httpx.get(
                f"{self.settings.api_url}/health", auth=(user, password), timeout=_ANSWER_S, trust_env=False
            )
        except httpx.HTTPError:
            return False
        return answer.is_success


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _die_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs inherit an ignored SIGINT
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
