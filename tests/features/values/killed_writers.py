"""Program with two processes that change values of one chip at the same time and are killed at random moments.

Half of the changes have an idempotency key; the processes that follow repeat the last such change that each killed one asked for, and the
last one that was acknowledged.

Usage: `killed_writers.py STORE_URL HOME KILLS SEED`. It prints acknowledgements as JSON: name and event number of each change.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Any, NoReturn

from qdash_builtin.values.feature import VALUES
from qdash_core import ConflictError, InvalidInputError, NotFoundError, Parameter, open_qdash
from qdash_core.models.pages import PageRequest
from qdash_core.plugin import qdash_validators  # noqa: F401  imported before the fork
from qdash_core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.runtime.application import QDash

CHIP = "a"
TARGETS = ("0", "1")
FLAGGED = tuple(f"flagged-{number}" for number in range(10))
"""Flagged results that exist before the first change."""
_LONGEST_START_S = 100.0


@dataclass(frozen=True)
class Change:
    """A change that a process asks for.

    Parameters
    ----------
    name : str
        Its reason, by which its event is found; also its key if it is `keyed`.
    action : str
        Method of the service.
    subject : str
        Target, result, point in time or event.
    value : float
        The value that `set` sets.
    keyed : bool
        True if it has an idempotency key.
    """

    name: str
    action: str
    subject: str
    value: float
    keyed: bool


def draw_change(draw: random.Random, qdash: QDash, name: str) -> Change:
    """Return a random change of the present values, decisions and events."""
    events = qdash.get(VALUES).list_events(qdash.access("admin"), CHIP, PageRequest(20)).items
    results = [event.head.task_id for event in events if event.head.task_id]
    subjects = {
        "set": TARGETS,
        "accept": [*FLAGGED, *results],
        "reject": results,
        "use": results,
        "revert": [event.head.created_at.isoformat() for event in events],
        "undo": [str(event.number) for event in events],
    }
    action = draw.choice([one for one, known in subjects.items() if known])
    subject = draw.choice(subjects[action])
    return Change(name, action, subject, draw.uniform(10.0, 100.0), keyed=draw.random() < 0.5)


def perform(qdash: QDash, change: Change) -> int | None:
    """Perform a change; return the number of its event, or None if it was refused or changes nothing."""
    access, values, subject = qdash.access("admin"), qdash.get(VALUES), change.subject
    given: Any = {"reason": change.name, "key": change.name if change.keyed else None}
    try:
        match change.action:
            case "set":
                event = values.set(access, CHIP, subject, {"t1": Parameter(change.value)}, **given)
            case "revert":
                reverted = values.revert(access, CHIP, subject, **given).event
                if reverted is None:
                    return None
                event = reverted
            case "undo":
                event = values.undo(access, int(subject), **given)
            case "accept" | "reject" | "use" as decision:
                event = getattr(values, decision)(access, subject, **given).event
    except (ConflictError, InvalidInputError, NotFoundError):
        return None  # the other process was faster, or there is nothing to do
    return event.number


def write(settings: Settings, seed: int, repeated: Iterable[Change], report: int, started: int) -> NoReturn:
    """Repeat some changes, then make others until killed; report changes with keys before, and all that were acknowledged.

    `started` is a pipe with a byte for each acknowledged change with a key that is not a repetition.
    """
    draw, made = random.Random(seed), 0

    def tell(**said: object) -> None:
        os.write(report, f"{json.dumps(said)}\n".encode())

    with open_qdash(settings) as qdash:

        def ask(change: Change) -> bool:
            if change.keyed:
                tell(asked=asdict(change))
            number = perform(qdash, change)
            if number is not None:
                tell(acknowledged=[change.name, number])
            return number is not None

        for change in repeated:
            ask(change)
        while True:
            made += 1
            change = draw_change(draw, qdash, f"{seed}-{made}")
            if ask(change) and change.keyed:
                os.write(started, b".")


def run_and_kill(
    settings: Settings, seed: int, repeated: Sequence[Change], draw: random.Random
) -> tuple[list[list[Any]], list[Change]]:
    """Return the acknowledgements of two processes that were killed, and the changes with keys to repeat."""
    reports, starts, children = [], [], []
    for writer in range(2):
        report, reporting = os.pipe()
        start, starting = os.pipe()
        child = os.fork()
        if child == 0:
            write(settings, seed + writer, repeated, reporting, starting)
        os.close(reporting)
        os.close(starting)
        reports.append(report)
        starts.append(start)
        children.append(child)
    for child, start in zip(children, starts, strict=True):
        select([start], [], [], _LONGEST_START_S)  # its first change with a key
        time.sleep(draw.uniform(0.0, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(start)
    acknowledged: list[list[Any]] = []
    last: list[Change] = []
    for report in reports:
        with os.fdopen(report, "rb") as pipe:
            told = [json.loads(line) for line in pipe]
        of_process = [one["acknowledged"] for one in told if "acknowledged" in one]
        acknowledged += of_process
        asked = [Change(**one["asked"]) for one in told if "asked" in one]
        names = {name for name, _ in of_process}
        last += {*asked[-1:], *[change for change in asked if change.name in names][-1:]}
    return acknowledged, last


def main() -> None:
    url, home, kills, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    settings, draw = Settings(home=home, store_url=url), random.Random(seed)
    acknowledged: list[list[Any]] = []
    last: list[Change] = []
    for turn in range(kills // 2):
        of_turn, last = run_and_kill(settings, seed + 2 * turn, last, draw)
        acknowledged += of_turn
    sys.stdout.write(json.dumps(acknowledged))


if __name__ == "__main__":
    main()
