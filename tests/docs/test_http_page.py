"""Page of the routes, against the routes, with the route for every endpoint of the original."""

from __future__ import annotations

import re

from docs import make_http
from qdash_api.problems import STATUSES

ORIGINAL = (
    "GET /chips/{chip_id}",
    "PATCH /chips/{chip_id}",
    "DELETE /chips/{chip_id}",
    "GET /chips/{chip_id}/deletion-impact",
    "PUT /chips/{chip}/qubits/{qid}/note",
    "PUT /chips/{chip}/couplings/{coupling_id}/note",
    "PUT /chips/{chip}/qubits/{qid}/metric-notes/{metric_key}",
    "PUT /chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}",
    "PUT /task-results/{task_id}/note",
    "GET /chips/{chip_id}/note-events",
    "GET /note-events/by-target",
    "GET /note-events/search",
    "GET /cryostats",
    "POST /cryostats",
    "GET /cooldowns",
    "POST /cooldowns",
    "POST /cooldowns/{cooldown_id}/chips/{chip_id}",
    "DELETE /cooldowns/{cooldown_id}/chips/{chip_id}",
    "POST /executions/{flow_run_id}/cancel",
)
"""Endpoints in the documentation of the original system, as written there."""


def test_every_route_and_every_problem_has_its_row() -> None:
    page = make_http.make_page()
    for methods in make_http.read_document()["paths"].values():
        for operation in methods.values():
            assert f"| `{operation['operationId']}` | {operation['summary']}".replace("\n", " ") in page
    assert [kind for _, kind in STATUSES.values() if f"| `/problems/{kind}` |" not in page] == []


def test_every_endpoint_of_the_original_is_served_under_its_path() -> None:
    document = make_http.read_document()
    served = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    missing = [one for one in ORIGINAL if one not in served]
    assert not missing
    text = make_http.reference(document)
    rows = re.findall(r"^\| `(.*?)` \| `(\w+ .*?)` \| `(\w+)` \|", text, re.MULTILINE)
    assert {route for _, route, _ in rows} >= set(ORIGINAL)
    for named, route, operation in rows:
        assert served[route] == operation
        if named.startswith("/"):  # create, read, update and delete below a collection
            assert route.split()[1].startswith(named.partition(":")[0])
        else:
            assert re.split(r"[?, ]", named)[:2] == route.split()
