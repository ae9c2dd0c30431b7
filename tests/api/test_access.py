"""Default deny: every route of the running host, including plugins, answers every kind of caller as in the
table.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, WebSocketRoute

from docs import make_authorisation
from qdash_api.openapi import iter_operations
from qdash_api.routing.routes import GuardedRoute
from qdash_core.operations.required_role import RequiredRole

from ..case_tables import each_case
from .http_requests import send_request
from .people import LAB, LAMP_ROUTES, run_host_with_people

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from .http_requests import Answer

CALLERS, THROUGH = make_authorisation.CALLERS, make_authorisation.THROUGH
AT_LAST = (
    "/projects/{project_id}/members/accept",
    "/projects/{project_id}/members/leave",
    "/invitations/accept",
    "/auth/logout",
)
"""Routes that change the caller's identity, in an order without interference."""
OF_MEMBERS = ("/conversations/{conversation_id}",)
"""Routes for any role, whose objects belong to a project: somebody who is only invited is refused."""
EVERYBODY = dict.fromkeys(RequiredRole, tuple(CALLERS))
NEAREST = dict.fromkeys(RequiredRole, ("nobody", "viewer")) | {
    RequiredRole.EDITOR: ("nobody", "viewer", "editor"),
    RequiredRole.OWNER: ("nobody", "editor"),
    RequiredRole.ADMINISTRATOR: ("nobody", "editor"),
}
"""Callers who are just allowed or just refused."""
KNOWN = {"project_id": LAB, "chip_id": "Q1", "chip": "Q1", "qid": "0", "coupling_id": "0-1", "kind": "qubits"}
"""Names of existing objects for path parameters."""


@pytest.fixture(scope="module")
def populated_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TestClient, Mapping[str, str]]]:
    with run_host_with_people(tmp_path_factory.mktemp("access")) as host:
        yield host


def list_routes(app: FastAPI) -> list[tuple[str, str, RequiredRole]]:
    """Return method, path and required access of each route, including plugins; routes that change the caller
    come last.
    """
    found = [
        (method, str(context.path), _needs(context.original_route, method))
        for context in iter_route_contexts(app.routes)
        for method in _list_methods(context.original_route)
    ]
    return sorted(found, key=lambda one: AT_LAST.index(one[1]) if one[1] in AT_LAST else -1)


def _list_methods(route: BaseRoute) -> list[str]:
    if isinstance(route, WebSocketRoute):
        return ["WEBSOCKET"]
    return sorted(getattr(route, "methods", None) or ("GET", "PUT"))  # a mount has any method


def _needs(route: BaseRoute, method: str) -> RequiredRole:
    if isinstance(route, GuardedRoute):
        return route.operation.needs
    return RequiredRole.VIEWER if method in ("GET", "HEAD") else RequiredRole.EDITOR


def fill_path(path: str) -> str:
    """Return a path with existing names."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda part: KNOWN.get(part[1], "nothing"), path)


def make_headers(secrets: Mapping[str, str], caller: str) -> dict[str, str]:
    """Return the headers of a caller for project `lab`."""
    known = {"authorization": f"Bearer {secrets[caller]}"} if caller in secrets else {}
    return {**known, "x-project-id": LAB, "content-length": "0"}


def get_outcome(answer: Answer) -> str:
    """Return the response as an entry of the table."""
    if answer.status in (401, 403):
        return str(answer.status)
    return "404" if "there is no project" in answer.detail else THROUGH


def find_disagreements(
    host: tuple[TestClient, Mapping[str, str]],
    asked: list[tuple[str, str, RequiredRole]],
    callers: Mapping[RequiredRole, Collection[str]] = EVERYBODY,
) -> list[str]:
    """Send requests of callers to each route, by its required role, and return the differences from the table."""
    client, secrets = host
    wrong = []
    for method, path, needs in asked:
        for caller in callers[needs]:
            kind = CALLERS[caller]
            if needs is RequiredRole.OPEN and kind.valid:  # the authentication ignores a token there
                continue
            answer = send_request(client, method, fill_path(path), make_headers(secrets, caller))
            wanted = make_authorisation.get_expected_status(needs, kind, reads=method in ("GET", "HEAD"))
            if kind.invited and method == "DELETE" and path in OF_MEMBERS:
                wanted = "403"
            found = get_outcome(answer) if needs.role or answer.status != 404 else THROUGH
            if method == "WEBSOCKET":  # refused before it is opened, for any reason
                found = THROUGH if answer.status == 101 else wanted if wanted != THROUGH else "403"
            elif method == "HEAD" and answer.status == 404:
                found = "404"
            if found != wanted or answer.status >= 500:
                wrong.append(
                    f"{method} {path} ({needs}) {caller}: {answer.status}, not {wanted} {answer.detail}"
                )
    return wrong


def test_every_route_answers_the_usual_callers_as_in_the_table(
    populated_host: tuple[TestClient, Mapping[str, str]],
) -> None:
    found = list_routes(populated_host[0].app)  # type: ignore[arg-type]
    assert {path for _, path, _ in found} > {"/chips/{chip_id}", "/projects/{project_id}", *AT_LAST}
    assert {path for _, path, _ in found} > {
        "/plugins/fake/devices",
        "/plugins/cryo/heaters/{cryo_id}",
        "/plugins/lamp/mounted",
        "/plugins/lamp/talk",
        "/entities/helium-fills",
        "/entities/helium-fills/{record_id}",
    }
    assert not find_disagreements(populated_host, [one for one in found if one[1] not in AT_LAST], NEAREST)


@pytest.mark.release
def test_every_route_answers_everybody_as_in_the_table(tmp_path: Path) -> None:
    with run_host_with_people(tmp_path) as host:
        found = list_routes(host[0].app)  # type: ignore[arg-type]
        assert not find_disagreements(host, [one for one in found if one[1] not in AT_LAST])


def test_routes_that_change_their_caller_answer_as_in_the_table(tmp_path: Path) -> None:
    with run_host_with_people(tmp_path) as host:
        last = [one for one in list_routes(host[0].app) if one[1] in AT_LAST]  # type: ignore[arg-type]
        assert not find_disagreements(host, last)


def test_requests_of_a_viewer_change_nothing(populated_host: tuple[TestClient, Mapping[str, str]]) -> None:
    contexts = iter_route_contexts(populated_host[0].app.routes)  # type: ignore[attr-defined]
    of_viewers = [
        one
        for one in (context.original_route for context in contexts)
        if isinstance(one, GuardedRoute) and one.operation.needs is RequiredRole.VIEWER
    ]
    assert {"POST"} in [one.methods for one in of_viewers]
    assert [one.path for one in of_viewers if not one.operation.reads] == []


@each_case(("method", "path"), LAMP_ROUTES)
def test_routes_of_a_plugin_without_access_rules_require_a_role(
    populated_host: tuple[TestClient, Mapping[str, str]], method: str, path: str
) -> None:
    client, secrets = populated_host
    reads = method in ("GET", "HEAD")
    for caller, kind in CALLERS.items():
        wanted = make_authorisation.get_expected_status(
            RequiredRole.VIEWER if reads else RequiredRole.EDITOR, kind, reads=reads
        )
        answer = send_request(client, method, path, make_headers(secrets, caller))
        assert (answer.status in (101, 200)) == (wanted == THROUGH), caller
    if path.endswith("/light"):
        assert json.loads(send_request(client, method, path, make_headers(secrets, "owner")).text) == {
            "who": "owner",
            "where": LAB,
        }


def test_the_page_of_authorisation_has_every_route_with_its_permission(document: dict[str, Any]) -> None:
    rows = make_authorisation.make_page().splitlines()
    wanted = [
        f"| {operation['x-needs']} | {method} `{path}` | `{operation['operationId']}` |"
        for path, method, operation in iter_operations(document)
    ]
    assert [row for row in wanted if row not in rows] == []
