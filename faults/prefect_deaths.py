"""Deaths of processes with Prefect: state in the record, and time to agreement. `python -m
faults.prefect_deaths`.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from faults import prefect_strikes as strikes
from faults.commands import wait_until
from faults.laboratory import MONGODB, STORES, Place
from faults.prefect_site import CHILD, PERFORMING, RELAY, TTL_S, Site, prefect_site
from faults.prefect_watch import Watch
from qdash_core.models.execution import ExecutionStatus
from qdash_prefect.states import SUPERSEDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import ExecutionModel

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
_BEGIN, _END = "<!-- prefect table -->\n", "<!-- end of prefect table -->"
_AGREED_S = 60.0
_COLUMNS = (
    "what was done",
    "the record said",
    "Prefect said in the end",
    "apart for at most",
    "the end",
)


@dataclass(frozen=True)
class Done:
    """Outcome of a death.

    Attributes
    ----------
    recorded : str
        State in the record, and the seconds until it appeared.
    prefect : list of str
        States of its flow runs, oldest first.
    apart_s : float
        Longest time for which record and Prefect were both available and disagreed.
    execution : ExecutionModel
        The ended execution.
    problem : str
        Description of what is wrong; empty if nothing is.
    """

    recorded: str
    prefect: list[str]
    apart_s: float
    execution: ExecutionModel
    problem: str = ""

    @property
    def begun(self) -> list[str]:
        """States of the flow runs that started: if a busy server is slow to start one, another is requested."""
        return [state for state in self.prefect if state != SUPERSEDED]


@dataclass(frozen=True)
class Death:
    """A disturbance of a run, and its required outcome.

    Parameters
    ----------
    does : str
        Description of the disturbance.
    do : callable
        Applies it to an execution of a site.
    stretches : int or None
        Expected number of run attempts, or None if that depends on the worker that performed the run.
    status : ExecutionStatus
        Expected final status.
    early : bool
        Whether to apply it right after submission, before anything is measured.
    apart : bool
        Whether each worker poses as another host, so that its death shows by timeout only.
    submit : callable
        Requests the run.
    workers : int
        Number of workers.
    """

    does: str
    do: Callable[[Site, str], None]
    stretches: int | None = 1
    status: ExecutionStatus = ExecutionStatus.COMPLETED
    early: bool = False
    apart: bool = False
    submit: Callable[[Site], str] = Site.submit
    workers: int = 2

    def done(self, site: Site) -> Done:
        """Apply the disturbance, wait until the run has ended, and return the outcome."""
        site.work(self.workers, apart=self.apart)
        submitted = self.submit(site)
        with Watch(site.qdash, site.settings, submitted) as watch:
            if not self.early:
                site.measures(submitted)
            at = time.time()
            self.do(site, submitted)
            wait_until(watch.over, what=f"{submitted} ends, and both agree: {watch.last}\n{site.said}")
        return self._judged(watch, at)

    def _judged(self, watch: Watch, at: float) -> Done:
        execution = watch.last.execution
        assert execution is not None
        apart_s = watch.apart_s(at)
        problems = []
        if execution.status is not self.status:
            problems.append(f"it is {execution.status}: {execution.message}")
        if self.stretches not in (None, len(execution.attempts)):
            problems.append(f"it has {len(execution.attempts)} stretches")
        if apart_s > _AGREED_S:
            problems.append(f"they did not agree for {apart_s:.0f} s")
        prefect = [row["state_name"] for row in watch.rows]
        return Done(_recorded(watch, at), prefect, apart_s, execution, "; ".join(problems))


def _recorded(watch: Watch, at: float) -> str:
    execution = watch.last.execution
    assert execution is not None
    first = execution.attempts[0]
    said_s = watch.first(
        at, lambda one: one.attempts and one.attempts[0].status is not ExecutionStatus.RUNNING
    )
    what = f"{first.status}{f', {first.reason}' if first.reason else ''}"
    if len(execution.attempts) == 1:
        return what if first.status is not ExecutionStatus.COMPLETED else "running, then completed"
    on_s = watch.first(at, lambda one: len(one.attempts) > 1)
    return f"{what} after {said_s or 0:.1f} s; on after {on_s or 0:.1f} s"


def deaths(here: Place) -> dict[str, Death]:
    """Return all disturbances for a place, by name."""
    found = {
        "process": Death("kill -9 of the process that performs it", lambda s, r: s.kill(r, PERFORMING), 2),
        "relay": Death("kill -9 of what Prefect started for it", lambda s, r: s.kill(r, RELAY)),
        "child": Death("kill -9 of Prefect's worker", lambda s, r: s.kill(r, CHILD)),
        "worker": Death("kill -9 of the worker", strikes.kill_worker, 2),
        "both": Death("kill -9 of the worker and all that it started", strikes.kill_both, 2),
        "both-on-its-way": Death(
            "the same while the flow run is Pending", strikes.kill_on_its_way, 1, early=True
        ),
        "worker-term": Death("SIGTERM of the worker", strikes.terminate_worker, 2),
        "server-away": Death(
            f"Prefect's server killed, and back after {strikes.AWAY_S:g} s",
            strikes.let_server_be_away,
            workers=1,
        ),
        "server-and-worker": Death(
            "the same, with the worker and all that it started killed meanwhile",
            strikes.kill_both_while_away,
            2,
        ),
        "host": Death(
            "kill -9 of the host by which it was asked for", strikes.kill_host, submit=strikes.asked_by_http
        ),
        "follower": Death(
            "a run asked for on Prefect's page: kill -9 of the worker that follows it, with all that it started",
            strikes.kill_follower,
            None,
            submit=strikes.asked_on_the_page,
        ),
        "cancel": Death("cancelled in the store", strikes.cancel, status=ExecutionStatus.CANCELLED),
        "cancel-page": Death(
            "cancelled on Prefect's page", strikes.cancel_on_the_page, status=ExecutionStatus.CANCELLED
        ),
        "cancel-away": Death(
            "cancelled in the store while Prefect's server is away",
            strikes.cancel_while_away,
            status=ExecutionStatus.CANCELLED,
        ),
        "other-host": Death(
            f"kill -9 of the worker and all that it started, on another host (leases of {TTL_S:g} s)",
            strikes.kill_both,
            2,
            apart=True,
        ),
    }
    if here.server is not None:
        found["store"] = Death(
            "MongoDB killed, and started again at once", strikes.restart_store(here.server)
        )
    return found


def main() -> int:
    """Apply the requested disturbances and print the table; return 1 if any check failed."""
    parser = argparse.ArgumentParser(prog="python -m faults.prefect_deaths", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="none: all")
    parser.add_argument("--store", choices=STORES, default=MONGODB)
    arguments = parser.parse_args()
    rows, problems = [], 0
    with prefect_site(arguments.store, slow_s=0.25) as (here, site):
        for which, death in deaths(here).items():
            if arguments.names and which not in arguments.names:
                continue
            try:
                done = death.done(site)
            except RuntimeError as error:
                print(f"{which}: {error}", file=sys.stderr, flush=True)
                problems += 1
                continue
            problems += bool(done.problem)
            rows.append(_row(death, done))
            print(f"{which}: {done.problem or 'ok'}\n{rows[-1]}", file=sys.stderr, flush=True)
    table = "\n".join([f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|", *rows])
    print(table)
    if not arguments.names and not problems:
        _keep(f"Done {datetime.now(UTC).date().isoformat()} on {arguments.store}.\n\n{table}\n")
    return 1 if problems else 0


def _keep(text: str) -> None:
    """Store the table on its page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}{text}{_END}{after}", encoding="utf-8")


def _row(death: Death, done: Done) -> str:
    ended = done.execution
    cells = (
        death.does,
        done.recorded,
        ", then ".join(done.prefect),
        f"{done.apart_s:.1f} s",
        f"{ended.status}, in {len(ended.attempts)} stretches" if len(ended.attempts) > 1 else ended.status,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
