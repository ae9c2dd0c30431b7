"""Clock changes during a run that holds the instrument lock, as seen by another host."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faults.commands import wait_until
from faults.resumed_runs import NODES, RUN, resume_and_examine

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

_TTL_S = 1.5
_HOUR_S = 3600
_SLOW_S = 0.2
_TRY = ("task", "run", "CheckResonatorSpectroscopy", "--chip", "bench", "--qid", "2", "--no-wait")


def set_between_heartbeats(place: Place, number: int, rng: Random) -> Findings:
    """Set the clock of the run's host, or of the other host, an hour back or forward.

    The other host is refused as long as the run lives; once it is killed, the other host takes the lock over.
    """
    step_s = _HOUR_S if number % 2 else -_HOUR_S
    wrong = number // 2 % 2
    with place.laboratory(slow_s=_SLOW_S) as laboratory:
        hosts = [_host(laboratory, name) for name in ("here", "there")]
        clocks = [laboratory.home.parent / name for name in ("here", "there")]
        with hosts[0].start(*RUN, watched=True) as command:
            wait_until(
                lambda: command.progress.results or not command.running, what=f"a result: {command.err}"
            )
            _set(clocks[wrong], step_s)
            refusals = [_try_run(hosts[1]) for _ in range(2)]
            lived = command.running
            command.kill_everything()
            command.ended()
            reported = command.progress.results
        _set(clocks[wrong], 0)
        time.sleep(_TTL_S)  # until then its death is unknown on other hosts
        found = resume_and_examine(hosts[1], reported)
        found.expect(lived and len(reported) < NODES, "the run was over too soon to be robbed")
        for refused, said in refusals:
            found.expect(
                refused == 1 and "execution " in said,
                f"the other host was not refused as expected ({refused}): {said}",
            )
        found.recovery_s = [seconds + _TTL_S for seconds in found.recovery_s]
        return found


def _try_run(laboratory: Laboratory) -> tuple[int, str]:
    with laboratory.start(*_TRY) as command:
        return command.ended(), command.err


def _host(laboratory: Laboratory, name: str) -> Laboratory:
    clock = laboratory.home.parent / name
    _set(clock, 0)
    return laboratory.with_settings(FAULTS_HOST=name, FAULTS_CLOCK=str(clock), QDASH_LEASE_TTL_S=str(_TTL_S))


def _set(clock: Path, seconds: float) -> None:
    """Set a clock atomically, since a process may read the file at any moment."""
    new = clock.with_suffix(".new")
    new.write_text(str(seconds), "utf-8")
    new.replace(clock)
