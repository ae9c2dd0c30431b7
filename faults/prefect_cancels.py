"""Cancellations in Prefect around the death of a worker, repeated. `python -m faults.prefect_cancels --times
50`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from faults.cancellations import AROUND_S, WorkerKill, cancel_around_kill
from faults.commands import wait_until
from faults.laboratory import PROJECT, SQLITE, STORES
from faults.prefect_site import Site, prefect_site
from faults.prefect_strikes import PatientPrefect, submit_in_prefect
from qdash_builtin.runs.feature import RUNS
from qdash_core.flows.cancellation import EXECUTION_LABEL
from qdash_core.models.execution import ExecutionStatus
from qdash_prefect.client import PrefectError
from qdash_prefect.states import FINAL, is_cancelled

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel

_LONGEST_S = 6.0
"""Longest time from submission to cancellation, in s."""
_AGREED_S = 60.0
_LOCKED_S = 60.0
"""Time, in s, that the server waits for a lock of SQLite: it stalls that long if its connections block each
other.
"""


@dataclass(frozen=True)
class CancellationOutcome:
    """Outcome of one cancellation.

    Attributes
    ----------
    of : str
        The cancelled flow run: that of a user's flow, or the one that performs it.
    killed : int
        Process id of the killed worker; 0 if no worker performed the run.
    agreed_s : float
        Time until both record and Prefect reported the end, in s.
    problem : str
        Description of what is wrong; empty if nothing is.
    locked : bool
        Whether the server stalled because its SQLite database was locked.
    """

    of: str
    killed: int
    agreed_s: float
    problem: str
    locked: bool = False


def cancelled_once(
    site: Site, number: int, rng: Random, *, longest_s: float = _LONGEST_S
) -> CancellationOutcome | None:
    """Cancel a run in Prefect at a random moment, and kill its worker and all children around then.

    Return None if the run had already ended. Alternates between the flow run of a user's flow and the one by
    which QDash has the run performed.
    """
    site.work(2)
    users = number % 2 == 0
    run = submit_in_prefect(site) if users else site.submit()
    wait_until(lambda: users or site.qdash.record.find(PROJECT, run).brought_as, what=f"{run} is brought")
    time.sleep(rng.uniform(0.0, longest_s))
    with PatientPrefect(site.settings) as client:
        flow_run_id = site.asked if users else site.qdash.record.find(PROJECT, run).brought_as

        def cancel() -> bool:
            try:
                client.post(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "CANCELLING"}})
            except PrefectError:
                return False
            return is_cancelled(
                client.get(f"/flow_runs/{flow_run_id}")["state"]
            )  # not one that was superseded before

        said_before = _times_locked(site)
        kill = WorkerKill(site.qdash, site.workers, run)
        at = cancel_around_kill(cancel, kill, rng.uniform(-AROUND_S, AROUND_S))
        if at is None:
            return None

        def agree() -> bool:
            execution = site.qdash.record.find(PROJECT, run)
            over = execution.status.terminal and site.qdash.get(RUNS).queue.view.find(PROJECT, run) is None
            return over and not _disagreeing(client, site, execution)

        wait_until(agree, what=f"both agree on {run}: {_said(client, site, run)}\n{site.said}")
        seconds = time.monotonic() - at
        state = client.get(f"/flow_runs/{flow_run_id}")["state_type"]
        history = _history(client, site, run)
    execution = site.qdash.record.find(PROJECT, run)
    problems = []
    if execution.status is not ExecutionStatus.CANCELLED:
        problems.append(
            f"it is {execution.status} in {len(execution.attempts)} run attempts: {execution.message}"
        )
    if state != "CANCELLED":
        problems.append(f"Prefect says {state}")
    locked = _times_locked(site) > said_before
    if seconds > _AGREED_S + (_LOCKED_S if locked else 0.0):
        problems.append(f"they did not agree for {seconds:.0f} s:\n{history}")
    return CancellationOutcome(
        "user's" if users else "performing", kill.killed, seconds, "; ".join(problems), locked
    )


def _times_locked(site: Site) -> int:
    return site.server.log_path.read_text("utf-8", "replace").count("OperationalError) database is locked")


def _flow_runs(client: PatientPrefect, site: Site, run: str) -> list[dict[str, Any]]:
    rows = client.list_rows("/flow_runs/filter", {"work_pools": {"name": {"any_": [site.pool]}}})
    return [row for row in rows if (row["labels"] or {}).get(EXECUTION_LABEL) == run]


def _disagreeing(client: PatientPrefect, site: Site, execution: ExecutionModel) -> list[str]:
    """Return the states of the flow runs that contradict an ended execution; the last flow run stands for the
    whole.
    """
    rows = sorted(_flow_runs(client, site, execution.execution_id), key=lambda row: str(row["created"]))
    wrong = [row["state_name"] for row in rows if row["state_type"] not in FINAL]
    last = [row["state_type"] for row in rows if row["id"] in (execution.brought_as, site.asked)]
    return wrong + [state for state in last if state != execution.status.upper()]


def _said(client: PatientPrefect, site: Site, run: str) -> str:
    states = [(row["name"], row["state_name"]) for row in _flow_runs(client, site, run)]
    return f"{site.qdash.record.find(PROJECT, run).status}, {states}"


def _history(client: PatientPrefect, site: Site, run: str) -> str:
    """Return the state changes of an execution in the record and in Prefect, one line each, in chronological
    order.
    """
    execution = site.qdash.record.find(PROJECT, run)
    changes = [(one.start_at, "recorded: running") for one in execution.attempts]
    changes += [(one.end_at, f"recorded: {one.status}") for one in execution.attempts if one.end_at]
    if execution.cancel_request is not None:
        changes.append((execution.cancel_request.requested_at, "recorded: cancel requested"))
    for row in _flow_runs(client, site, run):
        for one in client.get(f"/flow_run_states/?flow_run_id={row['id']}"):
            moment = datetime.fromisoformat(one["timestamp"]).astimezone(UTC)
            changes.append((moment, f"Prefect on {row['name']}: {one['name']}, {one['message']}"))
    return "\n".join(f"{moment:%H:%M:%S.%f} {line}" for moment, line in sorted(changes))


def main() -> int:
    """Cancel runs as often as requested and print the outcomes; return 1 if any outcome was wrong."""
    parser = argparse.ArgumentParser(prog="python -m faults.prefect_cancels", description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--store", choices=STORES, default=SQLITE)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, outcomes = Random(arguments.seed), list[CancellationOutcome]()
    with prefect_site(arguments.store, slow_s=0.5) as (_, site):
        while len(outcomes) < arguments.times:
            try:
                outcome = cancelled_once(site, len(outcomes), rng)
            except RuntimeError as error:
                outcome = CancellationOutcome("", 0, 0.0, str(error))
            if outcome is not None:
                outcomes.append(outcome)
                print(f"{len(outcomes)}: {outcome}", file=sys.stderr, flush=True)
    problems = [one for one in outcomes if one.problem]
    print(f"{len(outcomes)} cancels, {len(problems)} not as they must be")
    for locked in (False, True):
        seconds = [one.agreed_s for one in outcomes if not one.problem and one.locked is locked]
        when = "while the server's database was locked" if locked else "else"
        if seconds:
            print(
                f"{len(seconds)} {when}: both agreed after {statistics.median(seconds):.1f} s (median), {max(seconds):.1f} s (longest)"
            )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
