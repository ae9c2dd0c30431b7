"""Load on a host for `locust -f benchmarks/host_load.py`: a fixed mix of five requests at a steady rate.

`HOST_MIX` names the file with the paths of each kind, and `HOST_TOKENS` the file with the tokens: a caller
switches to the next one after some requests. `HOST_WRITERS` is the number of additional writers, and
`HOST_RECORD` names the file for one line per request.
"""

from __future__ import annotations

import json
import os
import random
from itertools import cycle
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, events, poisson, task

_MIX: dict[str, list[str]] = json.loads(Path(os.environ["HOST_MIX"]).read_text("utf-8"))
_TOKENS = cycle(json.loads(Path(os.environ["HOST_TOKENS"]).read_text("utf-8")))
_QUESTIONS_OF_A_TOKEN = 5
_WRITE_EVERY_S = 3.0
_CHANCE = random.Random(1)
_RECORD = os.environ.get("HOST_RECORD")


class Caller(FastHttpUser):
    """A client that sends one request a second on average, each kind in turn."""

    # At a constant pace all callers would send their requests at the same moment of each second.
    wait_time = poisson(1)

    def on_start(self) -> None:
        """Start at a random time and kind, so that all kinds are requested at all times."""
        gevent.sleep(_CHANCE.random())
        self.place = _CHANCE.randrange(len(_MIX))
        self.token = next(_TOKENS)

    @task
    def ask(self) -> None:
        """Send the next request."""
        kind = [*_MIX][self.place % len(_MIX)]
        self.place += 1
        if self.place % _QUESTIONS_OF_A_TOKEN == 0:
            self.token = next(_TOKENS)
        path = _CHANCE.choice(_MIX[kind])
        self.client.get(path, name=kind, headers={"authorization": f"Bearer {self.token}"})


class Writer(FastHttpUser):
    """A client that writes a note every few seconds, whatever the response."""

    fixed_count = int(os.environ.get("HOST_WRITERS", "0"))
    abstract = not fixed_count
    wait_time = poisson(1 / _WRITE_EVERY_S)

    def on_start(self) -> None:
        """Start at a random time."""
        gevent.sleep(_CHANCE.random() * _WRITE_EVERY_S)

    @task
    def write(self) -> None:
        """Write the note of a chip."""
        headers = {"authorization": f"Bearer {os.environ['HOST_WRITE_TOKEN']}"}
        body = {"content": f"looked at {_CHANCE.random()}"}
        self.client.put(os.environ["HOST_WRITE_PATH"], name="write", headers=headers, json=body)


if _RECORD is not None:
    _LINES = Path(_RECORD).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115  open as long as the load goes on

    @events.request.add_listener
    def _record(*, name: str, start_time: float, response_time: float, response: Any, **_: Any) -> None:
        status = getattr(response, "status_code", 0)
        line = {"write": name == "write", "at": start_time, "ms": response_time, "status": status}
        _LINES.write(json.dumps(line) + "\n")
