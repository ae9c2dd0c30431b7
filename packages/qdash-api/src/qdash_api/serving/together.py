"""Host, worker and dashboard together: started in order, started again when one dies, ended in order."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError
from qdash_core.interrupts import handled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

READY_S = 60.0
"""So long the host may take to begin, in seconds."""
END_S = 15.0
"""So long each may take to end, in seconds; then it is killed."""
DEATHS, WITHIN_S = 3, 60.0
"""So many deaths of one of them within so many seconds end all."""
AGAIN_S = 1.0
"""So long it is waited before what has died is started again, in seconds."""
_LOOK_S = 0.1
_ANSWER_S = 5.0


@dataclass
class Part:
    """One of the processes.

    Parameters
    ----------
    name : str
        What people call it.
    arguments : sequence of str
        Of `qdash`.
    environment : mapping
        Further variables.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C of the terminal is for the one who ends all in order."""
        self._forget()
        self.process = subprocess.Popen(  # noqa: S603  commands of ours
            [sys.executable, "-m", "qdash_api.serving.bound", *self.arguments],
            stdin=subprocess.PIPE,
            env={**os.environ, **self.environment},
            start_new_session=True,
        )

    @property
    def status(self) -> int | None:
        """Its exit status; None: it has not ended."""
        return None if self.process is None else self.process.poll()

    def has_died_too_often(self, now: float) -> bool:
        """Count a death at this moment, in seconds; returns whether there were too many of late."""
        self.deaths.append(now)
        return len(self.deaths) == DEATHS and now - self.deaths[0] < WITHIN_S

    def end(self, *, within_s: float, hurries: Callable[[], bool]) -> None:
        """Tell it to end, and kill it when it does not in so many seconds, or somebody hurries."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            until = time.monotonic() + within_s
            while self.process.poll() is None and time.monotonic() < until and not hurries():
                time.sleep(_LOOK_S)
            self.process.kill()
            self.process.wait()
        self._forget()

    def _forget(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


class Together:
    """The processes of `qdash up`, as long as none of them dies again and again.

    Parameters
    ----------
    host : Part
        Begins before the others.
    worker, dashboard : Part or None
        What else there is.
    address : (str, int)
        Where the host answers.
    told : callable
        Told in words what happens.
    """

    def __init__(
        self,
        host: Part,
        *,
        worker: Part | None,
        dashboard: Part | None,
        address: tuple[str, int],
        told: Callable[[str], None],
    ) -> None:
        self._host, self._address, self._told = host, address, told
        self._others = [part for part in (worker, dashboard) if part]
        # Who asks ends first, who performs last, so that nothing is asked of who has gone.
        self._in_the_end = [part for part in (dashboard, host, worker) if part]
        # No threading.Event: a signal that arrives while it is waited for would wait for its lock.
        self._stopped = False
        self._in_a_hurry = False

    def run(self, began: Callable[[], None]) -> int:
        """Run all of them until this process is told to end, and return its exit status; `began` is called once all run."""
        with handled(self._stop):
            try:
                if (status := self._begin()) is not None:
                    return status
                if not self._stopped:
                    began()
                return self._watch()
            finally:
                self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._in_a_hurry = self._stopped
        self._stopped = True

    def _pause(self, seconds: float) -> None:
        """Wait so long, or until this process is told to end."""
        until = time.monotonic() + seconds
        while not self._stopped and time.monotonic() < until:
            time.sleep(_LOOK_S)

    def _begin(self) -> int | None:
        """Start all; returns an exit status when the host does not begin."""
        self._host.start()
        until = time.monotonic() + READY_S
        while not self._stopped:
            answers = is_ready(self._address)
            if (status := self._host.status) is not None:
                return status or 1  # it has said why; whoever answers is another one
            if answers:
                break
            if time.monotonic() > until:
                raise FlowError(f"the host has not begun within {READY_S:g} s: see what it says above")
            self._pause(_LOOK_S)
        for part in self._others:
            if not self._stopped:
                part.start()
        return None

    def _watch(self) -> int:
        """Start again what dies; returns 0 when this process is told to end, 1 when one dies again and again."""
        while True:
            self._pause(_LOOK_S)
            if self._stopped:
                return 0
            for part in (self._host, *self._others):
                if (status := part.status) is None:
                    continue
                if part.has_died_too_often(time.monotonic()):
                    self._told(
                        f"{part.name} ended {DEATHS} times within {WITHIN_S:g} s, at last with {status}"
                    )
                    return 1
                self._told(f"{part.name} ended with {status}: it is started again")
                self._pause(AGAIN_S)
                if not self._stopped:
                    part.start()

    def _end(self) -> None:
        for part in self._in_the_end:
            part.end(within_s=END_S, hurries=lambda: self._in_a_hurry)


def is_ready(address: tuple[str, int]) -> bool:
    """Whether a host answers at an address that it serves."""
    with (
        closing(http.client.HTTPConnection(*address, timeout=_ANSWER_S)) as connection,
        suppress(OSError, http.client.HTTPException),
    ):
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.client.OK
    return False
