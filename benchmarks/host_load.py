"""The load on a host: a fixed mix of five questions at a steady rate. `locust -f benchmarks/host_load.py` plays it.

`HOST_MIX` names the file with the paths of each kind, and `HOST_TOKEN` the token.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import gevent
from locust import FastHttpUser, poisson, task

_MIX: dict[str, list[str]] = json.loads(Path(os.environ["HOST_MIX"]).read_text("utf-8"))
_CHANCE = random.Random(1)


class Caller(FastHttpUser):
    """Asks one question a second on average, each kind in turn."""

    # Of a constant pace all callers would ask in the same moment of each second.
    wait_time = poisson(1)

    def on_start(self) -> None:
        """Begin at a time and with a kind by chance, so that all kinds are asked at all times."""
        gevent.sleep(_CHANCE.random())
        self.place = _CHANCE.randrange(len(_MIX))

    @task
    def ask(self) -> None:
        """Ask the next question."""
        kind = [*_MIX][self.place % len(_MIX)]
        self.place += 1
        path = _CHANCE.choice(_MIX[kind])
        headers = {"authorization": f"Bearer {os.environ['HOST_TOKEN']}"}
        self.client.get(path, name=kind, headers=headers)
