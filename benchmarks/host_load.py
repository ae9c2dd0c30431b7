"""The load on a host: a fixed mix of five questions at a steady rate. `locust -f benchmarks/host_load.py` plays it.

`HOST_MIX` names the file with the paths of each kind, and `HOST_TOKEN` the token.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from locust import FastHttpUser, constant_throughput, task

_MIX: dict[str, list[str]] = json.loads(Path(os.environ["HOST_MIX"]).read_text("utf-8"))
_CHANCE = random.Random(1)


class Caller(FastHttpUser):
    """Asks one question a second, each kind in turn."""

    wait_time = constant_throughput(1)

    def on_start(self) -> None:
        """Begin with a kind by chance, so that all kinds are asked at all times."""
        self.place = _CHANCE.randrange(len(_MIX))

    @task
    def ask(self) -> None:
        """Ask the next question."""
        kind = [*_MIX][self.place % len(_MIX)]
        self.place += 1
        path = _CHANCE.choice(_MIX[kind])
        headers = {"authorization": f"Bearer {os.environ['HOST_TOKEN']}"}
        self.client.get(path, name=kind, headers=headers)
