"""Program with two processes that change values of one chip at the same time and are killed at random moments.

Usage: `killed_writers.py STORE_URL HOME KILLS SEED`. It prints the numbers of all acknowledged events as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from select import select
from typing import NoReturn

from qdash_core import ConflictError, InvalidInputError, NotFoundError, Parameter, open_qdash
from qdash_core.models.pages import PageRequest
from qdash_core.plugin import qdash_validators  # noqa: F401  imported before the fork
from qdash_core.settings import Settings

CHIP = "a"
TARGETS = ("0", "1")
_LONGEST_START_S = 20.0


def write(settings: Settings, seed: int, acknowledged: int) -> NoReturn:
    """Change values until killed; write the number of each event to a pipe once it is acknowledged."""
    draw = random.Random(seed)
    with open_qdash(settings) as qdash:
        access = qdash.access("admin")
        while True:
            events = qdash.values.list_events(access, CHIP, PageRequest(20)).items
            results = [event.head.task_id for event in events if event.head.task_id]
            try:
                match draw.choice(("set", "reject", "use", "revert", "undo")):
                    case "reject" if results:
                        event = qdash.values.reject(access, draw.choice(results), reason="race").event
                    case "use" if results:
                        event = qdash.values.use(access, draw.choice(results)).event
                    case "revert" if events:
                        to = draw.choice(events).head.created_at.isoformat()
                        found = qdash.values.revert(access, CHIP, to).event
                        if found is None:
                            continue
                        event = found
                    case "undo" if events:
                        event = qdash.values.undo(access, draw.choice(events).number)
                    case _:
                        value = {"t1": Parameter(draw.uniform(10.0, 100.0))}
                        event = qdash.values.set(access, CHIP, draw.choice(TARGETS), value, reason="race")
            except (ConflictError, InvalidInputError, NotFoundError):
                continue  # the other process was faster, or there is nothing to do
            os.write(acknowledged, f"{event.number}\n".encode())


def main() -> None:
    url, home, kills, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    settings = Settings(home=home, store_url=url)
    draw = random.Random(seed)
    numbers: list[int] = []
    for turn in range(kills // 2):
        pipes, children = [], []
        for writer in range(2):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(reading)
                write(settings, seed + 2 * turn + writer, writing)
            os.close(writing)
            pipes.append(reading)
            children.append(child)
        for child, reading in zip(children, pipes, strict=True):
            select([reading], [], [], _LONGEST_START_S)  # its first change
            time.sleep(draw.uniform(0.0, 0.3))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for reading in pipes:
            with os.fdopen(reading, "rb") as pipe:
                numbers += [int(line) for line in pipe.read().splitlines() if line]
    sys.stdout.write(json.dumps(numbers))


if __name__ == "__main__":
    main()
