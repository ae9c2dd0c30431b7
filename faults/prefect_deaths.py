"""Deaths on Prefect, each once: what was killed, what the record said, how long until both agreed. `python -m faults.prefect_deaths`."""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import socket
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faults.commands import wait_until
from faults.laboratory import MONGODB, STORES, Place, place
from faults.prefect_site import CHILD, PERFORMING, RELAY, RUN, Site, of_role
from faults.prefect_watch import Watch
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.token import TokenScope
from qdash_prefect.client import PrefectAwayError, PrefectClient
from qdash_prefect.server import PrefectServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.models.execution import ExecutionModel
    from qdash_mongo.server import MongoServer

AWAY_S = 60.0
"""So long Prefect's server is away."""
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
    """What came of a death.

    Attributes
    ----------
    recorded : str
        What the record said of it, and after how many seconds.
    prefect : list of str
        The states of its flow runs, oldest first.
    apart_s : float
        The longest time for which both were there and did not say the same.
    execution : ExecutionModel
        As it ended.
    problem : str
        What is not as it must be; empty: nothing.
    """

    recorded: str
    prefect: list[str]
    apart_s: float
    execution: ExecutionModel
    problem: str = ""


@dataclass(frozen=True)
class Death:
    """Something that happens to a run, and how it must end.

    Parameters
    ----------
    does : str
        What, in words.
    do : callable
        Does it to an execution of a site.
    stretches : int or None
        How many stretches the execution has in the end; None: that depends on who performed it.
    status : ExecutionStatus
        How it ends.
    early : bool
        Whether it is done as soon as the run is submitted, and not while it measures.
    apart : bool
        Whether each worker takes itself for another host, so that only time tells that it is dead.
    submit : callable
        Asks for the run.
    workers : int
        So many are there.
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
        """Do it, wait until all is over, and return what came of it."""
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


# ------------------------------------------------------------------------------------------------------ what is done


def _worker(site: Site, run: str) -> None:
    site.worker_of(run).kill()


def _both(site: Site, run: str) -> None:
    site.worker_of(run).kill_everything()


def _on_its_way(site: Site, run: str) -> None:
    """Kill worker and all as soon as Prefect's worker has taken the flow run."""
    with PrefectClient(site.settings) as client:

        def is_taken() -> bool:
            pending = {"name": {"like_": run}, "state": {"type": {"any_": ["PENDING"]}}}
            found = client.post("/flow_runs/filter", {"flow_runs": pending})
            owners = {one.owner for one in site.qdash.runs.queue.workers()}
            return any((one["labels"] or {}).get("qdash.worker") in owners for one in found)

        wait_until(is_taken, what="the flow run is on its way")
    site.worker_of(run).kill_everything()


def _terminated(site: Site, run: str) -> None:
    worker = site.worker_of(run)
    worker.signal(signal.SIGTERM)
    if worker.ended():
        raise RuntimeError(f"the worker ended with an error: {worker.err}")


@contextmanager
def _away(site: Site) -> Iterator[None]:
    """Let Prefect's server be away for the length of a block, and some time besides."""
    site.server.kill()
    try:
        yield
        time.sleep(AWAY_S)
    finally:
        site.server.start()


def _server_away(site: Site, run: str) -> None:
    with _away(site):
        pass


def _server_and_worker(site: Site, run: str) -> None:
    with _away(site):
        site.worker_of(run).kill_everything()


def _cancelled(site: Site, run: str) -> None:
    site.qdash.runs.cancel(site.access, run, wait=False)


def _cancelled_while_away(site: Site, run: str) -> None:
    with _away(site):
        _cancelled(site, run)


def _cancelled_on_the_page(site: Site, run: str) -> None:
    with PrefectClient(site.settings) as client:
        flow_run_id = site.qdash.record.find(site.access.project_id, run).flow_run_id
        client.post(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "CANCELLING"}})


def _asked_by_http(site: Site) -> str:
    """Start a host, and ask it for the run."""
    secret, _ = site.qdash.tokens.create("admin", "deaths", scope=TokenScope.WRITE)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    site.host = site.start("api", "--port", str(port))
    headers = {"authorization": f"Bearer {secret}", "content-type": "application/json"}

    wait_until(lambda: _listens(port), what=f"a host answers: {site.host.err}")
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10.0)) as connection:
        body = RUN.model_dump_json(include={"chip_id", "flow", "targets"})
        connection.request("POST", "/executions", body, headers)
        return str(json.loads(connection.getresponse().read())["execution_id"])


def _listens(port: int) -> bool:
    with closing(socket.socket()) as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _asked_on_the_page(site: Site) -> str:
    """Start the flow at Prefect, and return the execution that it becomes."""
    with PrefectClient(site.settings) as client:
        deployment = client.get(f"/deployments/name/{RUN.flow}/qdash@{site.pool}")
        parameters = {"chip_id": RUN.chip_id, "qids": RUN.targets.qubits, "username": "admin"}
        path = f"/deployments/{deployment['id']}/create_flow_run"
        wait_until(lambda: _asked(site, client, path, parameters), what="Prefect takes it")
        wait_until(lambda: _labels(site, client).get("qdash.execution"), what="it is submitted to QDash")
        return str(_labels(site, client)["qdash.execution"])


def _asked(site: Site, client: PrefectClient, path: str, parameters: dict[str, object]) -> bool:
    try:
        site.asked = client.post(
            path, {"parameters": parameters, "idempotency_key": f"asked of {site.pool}"}
        )["id"]
    except PrefectAwayError:  # so it says when its SQLite is busy
        return False
    return True


def _labels(site: Site, client: PrefectClient) -> dict[str, str]:
    labels: dict[str, str] = client.get(f"/flow_runs/{site.asked}")["labels"]
    return labels


def _follower(site: Site, run: str) -> None:
    """Kill the worker that follows what was asked for at Prefect, and wait until another one has told how that ended."""
    with PrefectClient(site.settings) as client:
        name = _labels(site, client)["prefect.worker.name"]
        (worker,) = (one for one in site.workers if any(name in p.cmdline() for p in of_role(one, CHILD)))
        worker.kill_everything()
        path = f"/flow_runs/{site.asked}"
        wait_until(lambda: client.get(path)["state_type"] == "COMPLETED", what="it is told at Prefect")


def _host(site: Site, run: str) -> None:
    site.host.kill_everything()


def _store(server: MongoServer) -> Callable[[Site, str], None]:
    def do(site: Site, run: str) -> None:
        server.kill()
        server.start()

    return do


def deaths(here: Place) -> dict[str, Death]:
    """Return all of them for a place, by name."""
    found = {
        "process": Death("kill -9 of the process that performs it", lambda s, r: s.kill(r, PERFORMING), 2),
        "relay": Death("kill -9 of what Prefect started for it", lambda s, r: s.kill(r, RELAY)),
        "child": Death("kill -9 of Prefect's worker", lambda s, r: s.kill(r, CHILD)),
        "worker": Death("kill -9 of the worker", _worker, 2),
        "both": Death("kill -9 of the worker and all that it started", _both, 2),
        "both-on-its-way": Death("the same while the flow run is Pending", _on_its_way, 1, early=True),
        "worker-term": Death("SIGTERM of the worker", _terminated, 2),
        "server-away": Death(
            f"Prefect's server killed, and back after {AWAY_S:g} s", _server_away, workers=1
        ),
        "server-and-worker": Death(
            "the same, with the worker and all that it started killed meanwhile", _server_and_worker, 2
        ),
        "host": Death("kill -9 of the host by which it was asked for", _host, submit=_asked_by_http),
        "follower": Death(
            "a run asked for on Prefect's page: kill -9 of the worker that follows it, with all that it started",
            _follower,
            None,
            submit=_asked_on_the_page,
        ),
        "cancel": Death("cancelled in the store", _cancelled, status=ExecutionStatus.CANCELLED),
        "cancel-page": Death(
            "cancelled on Prefect's page", _cancelled_on_the_page, status=ExecutionStatus.CANCELLED
        ),
        "cancel-away": Death(
            "cancelled in the store while Prefect's server is away",
            _cancelled_while_away,
            status=ExecutionStatus.CANCELLED,
        ),
        "other-host": Death(
            "kill -9 of the worker and all that it started, on another host", _both, 2, apart=True
        ),
    }
    if here.server is not None:
        found["store"] = Death("MongoDB killed, and started again at once", _store(here.server))
    return found


def main() -> int:
    """Do those that are asked for, and print the table; return 1 if anything was not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m faults.prefect_deaths", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="none: all")
    parser.add_argument("--store", choices=STORES, default=MONGODB)
    arguments = parser.parse_args()
    rows, problems = [], 0
    with tempfile.TemporaryDirectory(prefix="deaths-") as name, ExitStack() as stack:
        folder = Path(name)
        here = stack.enter_context(place(arguments.store, folder / "store"))
        server = stack.enter_context(PrefectServer(folder / "prefect"))
        laboratory = stack.enter_context(here.laboratory(slow_s=0.25))
        site = stack.enter_context(Site(laboratory, server))
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
    print("\n".join([f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|", *rows]))
    return 1 if problems else 0


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
