"""Disturbances of a run with Prefect: kills, outages and cancellations."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
import uuid
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from faults.commands import wait_until
from faults.prefect_site import CHILD, RUN, Site, of_role
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.runs.feature import RUNS
from qdash_core.models.token import TokenScope
from qdash_prefect.client import PrefectClient, PrefectUnavailableError
from qdash_prefect.worker_names import TAKEN_BY, make_worker_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qdash_mongo.server import MongoServer

OUTAGE_S = 60.0
"""Duration of the outage of Prefect's server, in s."""


def kill_worker(site: Site, run: str) -> None:
    """Kill the worker itself; its children notice."""
    site.worker_of(run).kill()


class PatientPrefect(PrefectClient):
    """Client that retries while the server is busy; a request may be sent twice."""

    def request(self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        """Return the response as soon as there is one; raise as the overridden method does, except for an
        unavailable server.
        """
        answers: list[Any] = []

        def is_answered() -> bool:
            with suppress(PrefectUnavailableError):
                answers.append(super(PatientPrefect, self).request(method, path, body))
            return bool(answers)

        wait_until(is_answered, what=f"Prefect answers {method} {path}")
        return answers[0]


def kill_both(site: Site, run: str) -> None:
    """Kill the worker and all its children."""
    site.worker_of(run).kill_everything()


def kill_both_while_pending(site: Site, run: str) -> None:
    """Kill the worker and all its children as soon as Prefect's worker has accepted the flow run."""
    with PatientPrefect(site.settings) as client:

        def is_taken() -> bool:
            pending = {"name": {"like_": run}, "state": {"type": {"any_": ["PENDING"]}}}
            found = client.post("/flow_runs/filter", {"flow_runs": pending})
            owners = {one.owner for one in site.qdash.get(RUNS).queue.view.list_workers()}
            return any((one["labels"] or {}).get("qdash.worker") in owners for one in found)

        wait_until(is_taken, what="the flow run is on its way")
    site.worker_of(run).kill_everything()


def terminate_worker(site: Site, run: str) -> None:
    """Terminate the worker, and wait until it has ended."""
    worker = site.worker_of(run)
    worker.signal(signal.SIGTERM)
    if worker.ended():
        raise RuntimeError(f"the worker ended with an error: {worker.err}")


@contextmanager
def _outage(site: Site) -> Iterator[None]:
    """Stop Prefect's server during a block, and for some time longer."""
    site.server.kill()
    try:
        yield
        time.sleep(OUTAGE_S)
    finally:
        site.server.start()


def stop_server(site: Site, run: str) -> None:
    """Stop Prefect's server for a while."""
    with _outage(site):
        pass


def kill_both_during_outage(site: Site, run: str) -> None:
    """Kill the worker and all its children during an outage of Prefect's server."""
    with _outage(site):
        site.worker_of(run).kill_everything()


def cancel(site: Site, run: str) -> None:
    """Cancel the execution in the store."""
    site.qdash.get(RUNS).cancel(site.access, run, wait=False)


def cancel_during_outage(site: Site, run: str) -> None:
    """Cancel the execution in the store during an outage of Prefect's server."""
    with _outage(site):
        cancel(site, run)


def cancel_in_prefect(site: Site, run: str) -> None:
    """Cancel the flow run as Prefect's page does."""
    with PatientPrefect(site.settings) as client:
        flow_run_id = site.qdash.record.find(site.access.project_id, run).brought_as
        client.post(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "CANCELLING"}})


def submit_over_http(site: Site) -> str:
    """Start a host, and request the run from it."""
    secret, _ = site.qdash.get(TOKENS).create("admin", "deaths", scope=TokenScope.WRITE)
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


def submit_taken(site: Site) -> str:
    """Start the flow in Prefect as a worker of Prefect leaves it that dies between taking and starting it."""
    worker = make_worker_name(site.qdash.get(RUNS).queue.view.list_workers()[0].owner)
    return submit_in_prefect(site, {"state": {"type": "PENDING", "message": f"{TAKEN_BY}{worker}"}})


def submit_in_prefect(site: Site, given: Mapping[str, object] | None = None) -> str:
    """Start the flow in Prefect, and return the resulting execution."""
    with PatientPrefect(site.settings) as client:
        deployment = client.get(f"/deployments/name/{RUN.flow}/@qdash@{site.pool}")
        parameters = {"chip_id": RUN.chip_id, "qids": RUN.targets.qubits, "username": "admin"}
        path = f"/deployments/{deployment['id']}/create_flow_run"
        body = {"parameters": parameters, "idempotency_key": str(uuid.uuid4()), **(given or {})}
        wait_until(lambda: _create_flow_run(site, client, path, body), what="Prefect takes it")
        wait_until(lambda: _labels(site, client).get("qdash.execution"), what="it is submitted to QDash")
        return str(_labels(site, client)["qdash.execution"])


def _create_flow_run(site: Site, client: PrefectClient, path: str, body: Mapping[str, object]) -> bool:
    site.asked = client.post(path, body)["id"]
    return True


def _labels(site: Site, client: PrefectClient) -> dict[str, str]:
    labels: dict[str, str] = client.get(f"/flow_runs/{site.asked}")["labels"]
    return labels


def kill_follower(site: Site, run: str) -> None:
    """Kill the worker that follows a run requested in Prefect, and wait until another one has reported how
    the run ended.
    """
    with PatientPrefect(site.settings) as client:
        name = _labels(site, client)["prefect.worker.name"]
        (worker,) = (one for one in site.workers if any(name in p.cmdline() for p in of_role(one, CHILD)))
        worker.kill_everything()
        path = f"/flow_runs/{site.asked}"
        wait_until(lambda: client.get(path)["state_type"] == "COMPLETED", what="Prefect shows its end")


def kill_host(site: Site, run: str) -> None:
    """Kill the host that requested the run."""
    site.host.kill_everything()


def restart_store(server: MongoServer) -> Callable[[Site, str], None]:
    """Return a function that kills a MongoDB server and restarts it at once."""

    def do(site: Site, run: str) -> None:
        server.kill()
        server.start()

    return do
