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

PAGE = Path(__file__).with_name("results.md")
_BEGIN, _END = "<!-- prefect table -->\n", "<!-- end of prefect table -->"
_AGREED_S = 60.0
_COLUMNS = (
    "fault",
    "record",
    "Prefect at the end",
    "longest disagreement",
    "outcome",
)


@dataclass(frozen=True)
class DisturbanceOutcome:
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
    disagreed_s: float
    execution: ExecutionModel
    problem: str = ""

    @property
    def begun(self) -> list[str]:
        """States of the flow runs that started: if a busy server is slow to start one, another is requested."""
        return [state for state in self.prefect if state != SUPERSEDED]


@dataclass(frozen=True)
class Disturbance:
    """A disturbance of a run, and its required outcome.

    Parameters
    ----------
    does : str
        Description of the disturbance.
    do : callable
        Applies it to an execution of a site.
    run_attempts : int or None
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
    run_attempts: int | None = 1
    status: ExecutionStatus = ExecutionStatus.COMPLETED
    early: bool = False
    apart: bool = False
    submit: Callable[[Site], str] = Site.submit
    workers: int = 2

    def done(self, site: Site) -> DisturbanceOutcome:
        """Apply the disturbance, wait until the run has ended, and return the outcome."""
        site.work(self.workers, apart=self.apart)
        submitted = self.submit(site)
        with Watch(site.qdash, site.settings, submitted) as watch:
            if not self.early:
                site.measures(submitted)
            at = time.time()
            self.do(site, submitted)
            wait_until(watch.over, what=f"{submitted} ends, and both agree: {watch.last}\n{site.said}")
        return self._outcome_of(watch, at)

    def _outcome_of(self, watch: Watch, at: float) -> DisturbanceOutcome:
        execution = watch.last.execution
        assert execution is not None
        disagreed_s = watch.disagreed_s(at)
        problems = []
        if execution.status is not self.status:
            problems.append(f"it is {execution.status}: {execution.message}")
        if self.run_attempts not in (None, len(execution.attempts)):
            problems.append(f"it has {len(execution.attempts)} run attempts")
        if disagreed_s > _AGREED_S:
            problems.append(f"they did not agree for {disagreed_s:.0f} s")
        prefect = [row["state_name"] for row in watch.rows]
        return DisturbanceOutcome(
            _record_text(watch, at), prefect, disagreed_s, execution, "; ".join(problems)
        )


def _record_text(watch: Watch, at: float) -> str:
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
    return f"{what} after {said_s or 0:.1f} s; resumed after {on_s or 0:.1f} s"


def disturbances(here: Place) -> dict[str, Disturbance]:
    """Return all disturbances for a place, by name."""
    found = {
        "process": Disturbance("kill -9 of the process of the run", lambda s, r: s.kill(r, PERFORMING), 2),
        "relay": Disturbance(
            "kill -9 of the relay that Prefect started for it", lambda s, r: s.kill(r, RELAY)
        ),
        "child": Disturbance("kill -9 of Prefect's worker", lambda s, r: s.kill(r, CHILD)),
        "worker": Disturbance("kill -9 of the worker", strikes.kill_worker, 2),
        "both": Disturbance("kill -9 of the worker and all its child processes", strikes.kill_both, 2),
        "both-on-its-way": Disturbance(
            "the same while the flow run is Pending", strikes.kill_both_while_pending, 1, early=True
        ),
        "worker-term": Disturbance("SIGTERM of the worker", strikes.terminate_worker, 2),
        "server-away": Disturbance(
            f"Prefect's server killed, and started again after {strikes.OUTAGE_S:g} s",
            strikes.stop_server,
            workers=1,
        ),
        "server-and-worker": Disturbance(
            "the same, with the worker and all its child processes killed meanwhile",
            strikes.kill_both_during_outage,
            2,
        ),
        "host": Disturbance(
            "kill -9 of the host that received the request",
            strikes.kill_host,
            submit=strikes.submit_over_http,
        ),
        "follower": Disturbance(
            "a run requested on Prefect's page: kill -9 of the worker that follows it, with all its child processes",
            strikes.kill_follower,
            None,
            submit=strikes.submit_in_prefect,
        ),
        "taken": Disturbance(
            "a run requested on Prefect's page: kill -9 of Prefect's worker when it has taken the run, before it starts it",
            lambda _site, _run: None,
            submit=strikes.submit_taken,
        ),
        "cancel": Disturbance(
            "cancelled in the store",
            strikes.cancel,
            status=ExecutionStatus.CANCELLED,
            submit=Site.submit_long,
        ),
        "cancel-page": Disturbance(
            "cancelled on Prefect's page",
            strikes.cancel_in_prefect,
            status=ExecutionStatus.CANCELLED,
            submit=Site.submit_long,
        ),
        "cancel-away": Disturbance(
            "cancelled in the store during an outage of Prefect's server",
            strikes.cancel_during_outage,
            status=ExecutionStatus.CANCELLED,
            submit=Site.submit_long,
        ),
        "other-host": Disturbance(
            f"kill -9 of the worker and all its child processes, on another host (locks of {TTL_S:g} s)",
            strikes.kill_both,
            2,
            apart=True,
        ),
    }
    if here.server is not None:
        found["store"] = Disturbance(
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
        for which, death in disturbances(here).items():
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
        _store_table(f"Measured {datetime.now(UTC).date().isoformat()} on {arguments.store}.\n\n{table}\n")
    return 1 if problems else 0


def _store_table(text: str) -> None:
    """Store the table on its page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}{text}{_END}{after}", encoding="utf-8")


def _row(death: Disturbance, done: DisturbanceOutcome) -> str:
    ended = done.execution
    cells = (
        death.does,
        done.recorded,
        ", then ".join(done.prefect),
        f"{done.disagreed_s:.1f} s",
        f"{ended.status}, in {len(ended.attempts)} run attempts" if len(ended.attempts) > 1 else ended.status,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
