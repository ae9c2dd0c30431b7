"""The load on a host: a fixed mix of five questions at a steady rate. `locust -f benchmarks/host_load.py` plays it.

`HOST_MIX` names the file with the paths of each kind, and `HOST_TOKENS` that with the tokens: a caller goes on to the next one
after some questions. With `HOST_WRITERS` so many others write, and `HOST_RECORD` names the file for a line about each request.
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
    """Asks one question a second on average, each kind in turn."""

    # Of a constant pace all callers would ask in the same moment of each second.
    wait_time = poisson(1)

    def on_start(self) -> None:
        """Begin at a time and with a kind by chance, so that all kinds are asked at all times."""
        gevent.sleep(_CHANCE.random())
        self.place = _CHANCE.randrange(len(_MIX))
        self.token = next(_TOKENS)

    @task
    def ask(self) -> None:
        """Ask the next question."""
        kind = [*_MIX][self.place % len(_MIX)]
        self.place += 1
        if self.place % _QUESTIONS_OF_A_TOKEN == 0:
            self.token = next(_TOKENS)
        path = _CHANCE.choice(_MIX[kind])
        self.client.get(path, name=kind, headers={"authorization": f"Bearer {self.token}"})


class Writer(FastHttpUser):
    """Writes a note every few seconds, again and again whatever is answered."""

    fixed_count = int(os.environ.get("HOST_WRITERS", "0"))
    abstract = not fixed_count
    wait_time = poisson(1 / _WRITE_EVERY_S)

    def on_start(self) -> None:
        """Begin at a time by chance."""
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
