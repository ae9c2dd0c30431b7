"""Two hosts on one store, one with a fast clock: no edit overwrites an unseen change, at any route."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_api.routing.routes import GuardedRoute
from qdash_core.models import base
from qdash_core.models.project import DEFAULT_USER
from qdash_core.settings import Settings

from ..case_tables import keep_quick
from .chip_samples import LINES, get_refusal, make_chip, measure
from .conftest import run_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx import Response

    from qdash_core.hooks.manager import Registry

    from .conftest import Host

THERE = {
    "chip_id": "a",
    "chip": "a",
    "qid": "0",
    "coupling_id": "0-1",
    "metric_key": "t1",
    "task_id": "r0",
    "cryo_id": "k",
    "issue_id": "1",
    "cooldown_id": "cd",
    "name": "night",
    "project_id": "default",
    "username": "viewer",
}
"""Names for path parameters."""
OF_PAIRS = "zx90_gate_fidelity"
TIMETABLE = {
    "name": "night",
    "request": {"chip_id": "a", "flow": "bring-up"},
    "when": {"kind": "cron", "expression": "0 2 * * *"},
}


def make_note_body(number: int) -> dict[str, Any]:
    return {"content": f"note {number}"}


BODIES: dict[str, Callable[[int], dict[str, Any]]] = {
    "ask_specification": lambda number: {"limits": {"t1": 60.0 + number}},
    "change_queue_entry": lambda number: {"held": number % 2 == 0},
    "change_role": lambda number: {"role": ("editor", "viewer")[number % 2]},
    "edit_chip": lambda number: {"note": f"note {number}"},
    "edit_cooldown": lambda number: {"description": f"package {number}"},
    "edit_cryostat": lambda number: {"location": f"room {number}"},
    "edit_issue": lambda number: {"title": f"no decay since {number} h"},
    "edit_project": lambda number: {"description": f"the lab in room {number}"},
    "edit_timetable": lambda number: {"begin_within_s": 60.0 + number},
    "edit_user": lambda number: {"full_name": f"Vera {number}."},
    "note_chip": make_note_body,
    "note_cooldown": make_note_body,
    "note_coupling": make_note_body,
    "note_cryostat": make_note_body,
    "note_metric_of_coupling": make_note_body,
    "note_metric_of_qubit": make_note_body,
    "note_qubit": make_note_body,
    "note_result": make_note_body,
    "save_flow": lambda number: {"source": f"def night():\n    # {number}\n    ...\n"},
    "set_design": lambda number: {"qubits": {"0": {"qubit_frequency": 5 + 0.1 * number}}},
    "set_preferences": lambda number: {"full_name": f"The administrator {number}"},
    "set_values_of_coupling": lambda number: {
        "values": {OF_PAIRS: {"value": 0.9 + 0.01 * number}},
        "reason": "by hand",
    },
    "set_values_of_qubit": lambda number: {"values": {"t1": {"value": 40.0 + number}}, "reason": "by hand"},
    "set_wiring": lambda number: {"lines": [{**LINES, "read_in": f"S159A-{number + 1}"}]},
}
"""Bodies of each editing operation, different each time. A new editing route needs one line here."""
ONCE = {"close_issue", "end_cooldown", "mark_cooldown_cold", "reopen_issue", "restore_flow_version"}
OF_CONTENTS = {"write_file", "delete_file", "restore_file"}
"""Operations whose ETag is a checksum of contents, tested in `test_files`."""


@dataclass(frozen=True)
class TwoHosts:
    """One user's clients at two hosts of one store."""

    host: Host
    ahead: TestClient
    """Client of the host whose clock is 5 s fast."""
    other: TestClient
    there: dict[str, str]

    def get_routes(self) -> dict[str, GuardedRoute]:
        """Return the routes of the running host by operation id."""
        found = (context.original_route for context in iter_route_contexts(self.host.app.routes))
        return {str(one.operation_id): one for one in found if isinstance(one, GuardedRoute)}

    def fill_path(self, path: str) -> str:
        """Return a path with existing names."""
        return path.format(**self.there | ({"metric_key": OF_PAIRS} if "couplings" in path else {}))


@pytest.fixture(scope="module")
def two_hosts(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoHosts]:
    settings = Settings(home=tmp_path_factory.mktemp("two"))
    with run_host(settings, registry) as host, TestClient(create_app(settings, registry)) as other:
        ahead = host.connect_as(DEFAULT_USER)
        other.headers["authorization"] = ahead.headers["authorization"]
        yield TwoHosts(host, ahead, other, THERE | {"execution_id": fill_store(host, ahead)})


def fill_store(host: Host, client: TestClient) -> str:
    """Create one object of each editable kind, and return the queued execution."""
    make_chip(client, wiring={"lines": [LINES]})
    measure(host.qdash, "default", 0)
    for method, path, body in (
        ("POST", "/cryostats", {"cryo_id": "k"}),
        ("POST", "/cooldowns", {"cooldown_id": "cd", "cryo_id": "k"}),
        ("PUT", "/flows/night", {"source": "def night():\n    ...\n"}),
        ("POST", "/timetables", TIMETABLE),
        ("POST", "/issues", {"title": "no decay"}),
    ):
        check_success(client.request(method, path, json=body))
    asked = client.post("/executions", json={"chip_id": "a", "flow": "bring-up"})
    return str(check_success(asked).json()["execution_id"])


def check_success(answer: Response) -> Response:
    assert answer.is_success, answer.text
    return answer


@contextmanager
def advance_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Write with a fast clock for the length of a block."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=5)

    with monkeypatch.context() as patched:
        patched.setattr(base, "datetime", Ahead)
        yield


def test_every_editing_route_is_tested(two_hosts: TwoHosts) -> None:
    found = {
        name
        for name, route in two_hosts.get_routes().items()
        if "if_match" in signature(route.endpoint).parameters
    }
    assert found == BODIES.keys() | ONCE | OF_CONTENTS


@pytest.mark.parametrize(
    "operation",
    keep_quick(BODIES, *range(0, len(BODIES), 4)),
)
def test_a_stale_edit_is_refused(
    two_hosts: TwoHosts, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = two_hosts.get_routes()[operation]
    [method], address = route.methods or (), two_hosts.fill_path(route.path)

    def write(client: TestClient, number: int, etag: str) -> Response:
        body = BODIES[operation](number)
        return client.request(method, address, json=body, headers={"if-match": etag})

    seen = check_success(two_hosts.other.get(address)).headers["etag"]
    with advance_clock(monkeypatch):
        first = check_success(write(two_hosts.ahead, 0, seen)).headers["etag"]
    assert "was changed since it was read" in get_refusal(write(two_hosts.other, 1, seen), 412)
    now = check_success(two_hosts.other.get(address)).headers["etag"]
    check_success(write(two_hosts.other, 1, now))
    assert "was changed since it was read" in get_refusal(write(two_hosts.ahead, 2, first), 412)


def test_a_stale_request_does_not_end_a_cooldown(two_hosts: TwoHosts) -> None:
    seen = {"if-match": check_success(two_hosts.other.get("/cooldowns/cd")).headers["etag"]}
    now = {
        "if-match": check_success(
            two_hosts.ahead.patch("/cooldowns/cd", json={"description": "new"})
        ).headers["etag"]
    }
    get_refusal(two_hosts.other.post("/cooldowns/cd/base", json={}, headers=seen), 412)
    get_refusal(two_hosts.other.post("/cooldowns/cd/end", json={}, headers=seen), 412)
    check_success(two_hosts.other.post("/cooldowns/cd/end", json={}, headers=now))


def test_a_stale_request_does_not_restore_a_version_of_a_flow(two_hosts: TwoHosts) -> None:
    seen = {"if-match": check_success(two_hosts.other.get("/flows/night")).headers["etag"]}
    new = {"source": "def night():\n    # new\n    ...\n"}
    now = {"if-match": check_success(two_hosts.ahead.put("/flows/night", json=new)).headers["etag"]}
    get_refusal(two_hosts.other.post("/flows/night/versions/1/restore", headers=seen), 412)
    check_success(two_hosts.other.post("/flows/night/versions/1/restore", headers=now))


def test_a_stale_request_neither_closes_nor_reopens_an_issue(two_hosts: TwoHosts) -> None:
    for what in ("close", "reopen"):
        seen = {"if-match": check_success(two_hosts.other.get("/issues/1")).headers["etag"]}
        check_success(two_hosts.ahead.post("/issues/1/labels", json={"add": [f"before {what}"]}))
        refused = two_hosts.other.post(f"/issues/1/{what}", json={}, headers=seen)
        assert "was changed since it was read" in get_refusal(refused, 412)
        now = {"if-match": check_success(two_hosts.other.get("/issues/1")).headers["etag"]}
        check_success(two_hosts.other.post(f"/issues/1/{what}", json={}, headers=now))


def test_a_change_by_a_slow_clock_after_one_by_a_fast_clock_is_detected(
    two_hosts: TwoHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    with advance_clock(monkeypatch):
        seen = check_success(two_hosts.ahead.patch("/chips/a", json={"note": "by the clock ahead"})).headers[
            "etag"
        ]
    lines = {"lines": [{**LINES, "read_in": "S159A-9"}]}
    check_success(two_hosts.other.put("/chips/a/wiring", json=lines, headers={"if-match": seen}))
    late = two_hosts.ahead.put("/chips/a/wiring", json={"lines": [LINES]}, headers={"if-match": seen})
    get_refusal(late, 412)
