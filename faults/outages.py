"""Outages of the database server during a run: temporary, permanent, or a restart."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from faults.commands import wait_until
from faults.laboratory import QIDS
from faults.resumed_runs import NODES, RUN, resume_and_examine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from faults.commands import Command
    from faults.laboratory import Laboratory, Place
    from faults.table import Findings
    from qdash_mongo.server import MongoServer

OUTAGE_S = 5.0
_SLOW_S = 0.1
_PATIENCE_S = "2"


def stop_server_briefly(place: Place, number: int, rng: Random) -> Findings:
    """Stop the server for some seconds: the run waits and continues by itself."""
    return _survive_outage(place, rng, lambda server: server.stop(), away_s=OUTAGE_S)


def restart_primary(place: Place, number: int, rng: Random) -> Findings:
    """Restart the server, the primary of its replica set: with a clean shutdown and by SIGKILL in turn."""
    end: Callable[[MongoServer], None] = (
        (lambda server: server.stop()) if number % 2 else (lambda server: server.kill())
    )
    return _survive_outage(place, rng, end, away_s=0.0)


def stop_server_until_run_ends(place: Place, number: int, rng: Random) -> Findings:
    """Stop the server until the run gives up; start it again, and resume."""
    assert place.server is not None
    with place.laboratory(slow_s=_SLOW_S) as laboratory:
        impatient = laboratory.with_settings(QDASH_STORE_PATIENCE_S=_PATIENCE_S)
        with _running_bring_up(impatient, rng) as command:
            place.server.stop()
            try:
                status = command.ended()
            finally:
                place.server.start()
            reported, said = command.progress, command.err
        found = resume_and_examine(laboratory, reported.results)
        found.expect(status == 1, f"the run ended with {status}, not with 1: {said}")
        hint = f"qdash executions resume {reported.execution_id}"
        found.expect(hint in said, f"the message does not contain the command to resume: {said}")
        return found


def _survive_outage(
    place: Place, rng: Random, end: Callable[[MongoServer], None], *, away_s: float
) -> Findings:
    assert place.server is not None
    with place.laboratory(slow_s=_SLOW_S) as laboratory, _running_bring_up(laboratory, rng) as command:
        end(place.server)
        try:
            time.sleep(away_s)
        finally:
            place.server.start()
        back_at = time.time()
        status = command.ended()
        found = resume_and_examine(laboratory, command.progress.results)
        found.expect(
            status == 0, f"the run did not continue by itself but ended with {status}: {command.err}"
        )
        if (first := command.progress.first_after(back_at)) is not None:
            found.recovery_s.append(first - back_at)
        return found


@contextmanager
def _running_bring_up(laboratory: Laboratory, rng: Random) -> Iterator[Command]:
    """Yield a running bring-up after a random result."""
    enough = rng.randrange(1, NODES - len(QIDS))
    with laboratory.start(*RUN, watched=True) as command:
        wait_until(
            lambda: len(command.progress.results) >= enough or not command.running,
            what=f"{enough} results: {command.err}",
        )
        yield command
