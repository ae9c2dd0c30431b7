"""Kills of the host during requests, alone or with the worker: each acknowledged change must be stored
exactly once.
"""

from __future__ import annotations

import http.client
import json
import signal
import socket
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faults.commands import wait_until
from faults.laboratory import PROJECT
from faults.record import examine
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.runs.feature import EXECUTIONS, QUEUE
from qdash_core.models.token import TokenScope
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.used_names import TagRepository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from faults.commands import Command
    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

KILLS = 3
"""Kills of the host in each repetition."""
RUNS = 3
_LONGEST_S = 1.5
"""Longest life of a host after its first response, in seconds."""
_ASK = {
    "chip_id": "bench",
    "flow": "CheckResonatorSpectroscopy",
    "targets": {"qubits": ["2"]},
    "tags": ["by-http"],
}
_PAUSE_S = 0.02
_HEARD_S = 10.0


@dataclass
class HostRequests:
    """Requests to a host that may die at any moment, and its acknowledgements.

    Parameters
    ----------
    port : int
        Port of the host.
    token : str
        Token for the requests.

    Attributes
    ----------
    tags
        Names of the tags that were added.
    runs
        Executions by the idempotency keys of their requests.
    heard
        Numbers of the received events, in order.
    wrong
        Incorrect responses.
    """

    port: int
    token: str
    tags: list[str] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)
    heard: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def submit(self, request: Mapping[str, object]) -> str:
        """Request a run and return its id; raise RuntimeError if the host refuses."""
        answer = self._request("POST", "/executions", request)
        if answer is None:
            raise RuntimeError(f"the host does not take a run: {self.wrong}")
        return str(answer["execution_id"])

    def cancel(self, execution_id: str) -> bool:
        """Cancel a run and return whether the host acknowledged it; it refuses if the run has ended."""
        return self._request("POST", f"/executions/{execution_id}/cancel") is not None

    def answers(self) -> bool:
        """Return whether the host responds."""
        return self._request("GET", "/ready") is not None

    def add_tags(self) -> None:
        """Add one tag after another until the test ends."""
        number = 0
        while not self.over.wait(_PAUSE_S):
            number += 1
            if self._request("POST", "/tags", {"name": f"tag-{number}"}) is not None:
                self.tags.append(f"tag-{number}")

    def ask_for_runs(self) -> None:
        """Request each run until it is acknowledged, and once more, always with the same idempotency key."""
        for number in range(RUNS):
            key = f"key-{number}"
            reported: list[str] = []
            while len(reported) < 2 and not self.wrong and not self.over.wait(_PAUSE_S):
                answer = self._request("POST", "/executions", _ASK, **{"idempotency-key": key})
                reported += [] if answer is None else [answer["execution_id"]]
                self.runs.update(dict.fromkeys([key] if reported else [], "".join(reported[:1])))
            if len(set(reported)) > 1:
                self.wrong.append(f"{key} is {' and '.join(reported)}")

    def listen(self) -> None:
        """Receive all events from the first one on; after each loss of the host continue from the last event."""
        while not self.over.wait(_PAUSE_S):
            headers = {**self._headers, "last-event-id": str(self.heard[-1] if self.heard else 0)}
            with closing(self._connection()) as connection:
                try:
                    connection.request("GET", "/events", headers=headers)
                    answer = connection.getresponse()
                    while (line := answer.readline()) and not self.over.is_set():
                        if line.startswith(b"data: ") and "seq" in (event := json.loads(line[6:])):
                            self.heard.append(event["seq"])
                except (OSError, http.client.HTTPException, ValueError):
                    continue  # it was killed, possibly in the middle of a line

    def _request(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Return the response, or None if the host does not respond."""
        with closing(self._connection()) as connection:
            try:
                text = None if body is None else json.dumps(body)
                connection.request(method, path, text, {**self._headers, **headers})
                answer = connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException):
                return None
        if answer.status >= 300:
            self.wrong.append(f"{method} {path}: {answer.status} {said.decode()}")
            return None
        return json.loads(said)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_HEARD_S)

    @property
    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", "content-type": "application/json"}


def kill_host(place: Place, number: int, rng: Random) -> Findings:
    """Kill the host repeatedly during changes, runs and events; every other time kill the worker too."""
    with place.laboratory(slow_s=0.0) as laboratory, ExitStack() as stack:
        with laboratory.opened() as qdash:
            secret, _ = qdash.get(TOKENS).create("admin", "faults", scope=TokenScope.WRITE)
        requests = HostRequests(free_port(), secret)
        worker = stack.enter_context(laboratory.start("worker"))
        hosts = [_started(laboratory, requests, stack)]
        callers = [
            threading.Thread(target=call)
            for call in (requests.add_tags, requests.ask_for_runs, requests.listen)
        ]
        recovery_s = []
        try:
            for caller in callers:
                caller.start()
            for _ in range(KILLS):
                time.sleep(rng.uniform(0, _LONGEST_S))
                hosts[-1].kill_everything()
                hosts[-1].ended()
                if number % 2:
                    worker.kill_everything()
                    worker = stack.enter_context(laboratory.start("worker"))
                began = time.monotonic()
                hosts.append(_started(laboratory, requests, stack))
                recovery_s.append(time.monotonic() - began)
            wait_until(lambda: not callers[1].is_alive(), what="all is asked for")
            _wait_until_performed_and_received(laboratory, requests)
        finally:
            requests.over.set()
        hosts[-1].signal(signal.SIGTERM)
        worker.signal(signal.SIGTERM)
        statuses = [hosts[-1].ended(), worker.ended()]
        for caller in callers:
            caller.join()
        found = examine(laboratory)
        found.expect(statuses == [0, 0], f"host and worker ended with {statuses}: {hosts[-1].err}")
        found.recovery_s += recovery_s
        _compare(laboratory, requests, found)
        return found


def _started(laboratory: Laboratory, requests: HostRequests, stack: ExitStack) -> Command:
    host = stack.enter_context(laboratory.start("api", "--port", str(requests.port)))
    wait_until(requests.answers, what=f"a host answers: {host.err}")
    return host


def _wait_until_performed_and_received(laboratory: Laboratory, requests: HostRequests) -> None:
    """Wait until the queue is empty, with held runs released, and the last event has been received."""
    with laboratory.opened() as qdash:

        def through() -> bool:
            access = qdash.access("admin")
            entries = qdash.get(QUEUE).list_entries(access)
            for one in entries:
                if one.state == "held":
                    qdash.get(QUEUE).release(access, one.entry.execution_id)
            last = qdash.repositories.of(EventRepository).get_last_seq(PROJECT)
            return not entries and requests.heard[-1:] == [last]

        wait_until(through, what="all is performed and heard")


def _compare(laboratory: Laboratory, requests: HostRequests, found: Findings) -> None:
    with laboratory.opened() as qdash:
        access = qdash.access("admin")
        tags = {tag.name for tag in qdash.repositories.of(TagRepository).list_by_project(PROJECT)}
        executions = {one.execution_id for one in qdash.get(EXECUTIONS).newest(access)}
        events = [
            event.seq
            for event in qdash.repositories.of(EventRepository).list_since(PROJECT, 0, limit=1_000_000)
        ]
    found.acknowledged += len(requests.tags) + len(requests.runs) + len(requests.heard)
    found.lost += [f"tag {name} is not there" for name in requests.tags if name not in tags]
    found.expect(len(requests.runs) == RUNS, f"{len(requests.runs)} of {RUNS} runs were acknowledged")
    found.lost += [f"run {one} is not there" for one in requests.runs.values() if one not in executions]
    found.lost += [f"event {seq} was not heard" for seq in sorted({*events} - {*requests.heard})]
    found.repeated += [f"run {one} was not asked for" for one in executions - {*requests.runs.values()}]
    found.expect(requests.heard == sorted(set(requests.heard)), "events were heard twice, or out of order")
    for wrong in requests.wrong:
        found.other.append(wrong)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
