"""In-memory Prefect server for reconcilers: flow runs, workers and queues of one pool."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from qdash_prefect.states import FINAL
from qdash_prefect.worker_names import make_worker_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_prefect.client import Document

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE, THERE, DEAD = "aaaaaaaa-1", "bbbbbbbb-2", "dddddddd-4"


@dataclass
class FakePrefect:
    """The part of a server that a reconciler uses."""

    rows: list[Document] = field(default_factory=list)
    workers: list[Document] = field(default_factory=lambda: [online(HERE), online(THERE)])
    come: Callable[[], None] = lambda: None
    """Callback after each request of the queues."""
    queues: list[str] = field(default_factory=list)
    histories: dict[str, list[Document]] = field(default_factory=dict)
    """Past states of flow runs, by id."""
    away: bool = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        body = json.loads(request.content or b"{}")
        match request.url.path.removeprefix("/api/").split("/"):
            case ["flow_runs", "filter"]:
                kinds = body["flow_runs"]["state"]["type"]["any_"]
                after = body["flow_runs"].get("end_time", {"after_": ""})["after_"]
                found = [row for row in self.rows if row["state_type"] in kinds]
                return httpx.Response(200, json=[row for row in found if row["state"]["timestamp"] >= after])
            case ["flow_runs", flow_run_id, "set_state"]:
                return self._set_state(flow_run_id, body)
            case ["flow_runs", flow_run_id]:
                found = [row for row in self.rows if row["id"] == flow_run_id]
                return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
            case ["flow_run_states", ""]:
                return httpx.Response(200, json=self.histories.get(request.url.params["flow_run_id"], []))
            case ["work_pools", "qdash", "workers", "filter"]:
                return httpx.Response(200, json=self.workers)
            case ["work_pools", "qdash", "queues", "filter"]:
                self.come()
                return httpx.Response(200, json=[{"name": name} for name in self.queues])
            case ["work_pools", "qdash", "workers", name]:
                self.workers = [one for one in self.workers if one["name"] != name]
                return httpx.Response(204)
            case ["work_pools", "qdash", "queues", name]:
                self.queues.remove(name)
                return httpx.Response(204)
        raise AssertionError(request.url.path)

    def _set_state(self, flow_run_id: str, body: Document) -> httpx.Response:
        (row,) = (row for row in self.rows if row["id"] == flow_run_id)
        if row["state_type"] in FINAL and not body.get("force"):
            return httpx.Response(200, json={"status": "ABORT"})
        self.histories.setdefault(flow_run_id, []).append(row["state"])
        row.update(state_of_row(body["state"]["type"], body["state"]["message"]))
        row["state"]["name"] = body["state"]["name"]
        return httpx.Response(201, json={"status": "ACCEPT"})

    def flow_run(
        self,
        kind: str,
        worker: str = DEAD,
        *,
        before: int = 0,
        age_s: float = 100.0,
        created: float = 0,
        execution_id: str = "001",
    ) -> Document:
        """Add a flow run requested by one of our workers; `created` and `age_s` are seconds after and before
        `NOW`.
        """
        row: Document = {
            "id": f"flow-run-{len(self.rows)}",
            "name": "001 bring-up on bench",
            "idempotency_key": f"default/{execution_id}/{before}/some-uuid",
            "created": (NOW + timedelta(seconds=created)).isoformat(),
            "labels": {"qdash.project": "default", "qdash.execution": execution_id, "qdash.worker": worker},
            **state_of_row(kind, "", NOW - timedelta(seconds=age_s)),
        }
        self.rows.append(row)
        return row


def online(owner: str) -> Document:
    return {"name": make_worker_name(owner), "status": "ONLINE"}


def state_of_row(kind: str, message: str, at: datetime = NOW) -> Document:
    state = {"type": kind, "name": kind.capitalize(), "message": message, "timestamp": at.isoformat()}
    return {"state_type": kind, "state_id": f"{kind} at {at}", "state": state}
