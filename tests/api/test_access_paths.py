"""Spelling of paths: authentication and router decode them alike, and no spelling bypasses the
authentication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Mount, Route

from qdash_api.routing.route_declarations import require_declared_routes
from qdash_api.routing.routes import make_routes
from qdash_core.operations.call import Call  # noqa: TC001  the parameters of an operation are read
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

from ..case_tables import each_case
from .http_requests import send_request
from .people import LAB, run_host_with_people

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi.testclient import TestClient
    from starlette.requests import Request
    from starlette.responses import Response

SPELLINGS = [
    "/health/", "//health", "/./health", "/chips/../health", "/HEALTH", "/health%2f", "/health;x=1", "/health\x00",
    "/health/../users", "/auth/login/../../users", "/docs/../chips/Q1", "/openapi.json/", "\\\\health", "health", "", "*",
    "/plugins", "/plugins/", "/plugins/lamp", "/plugins//lamp/light", "/plugins/lamp/../lamp/light", "/plugins/nothing",
    "/chips/..%2f..%2fplugins%2flamp%2flight", "/chips%2FQ1", "/ｈealth",
]  # fmt: skip
"""Spellings as decoded by the server."""


@pytest.fixture(scope="module")
def populated_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TestClient, Mapping[str, str]]]:
    with run_host_with_people(tmp_path_factory.mktemp("paths")) as host:
        yield host


def test_no_spelling_of_an_open_path_opens_another(
    populated_host: tuple[TestClient, Mapping[str, str]],
) -> None:
    refused = {"GET": 401, "POST": 401, "OPTIONS": 401, "TRACE": 401, "get": 401, "WEBSOCKET": 403}
    opened = [
        (method, path, status)
        for path in SPELLINGS
        for method, refusal in refused.items()
        if (status := send_request(populated_host[0], method, path, {"x-project-id": LAB}).status) != refusal
    ]
    assert opened == []


def test_no_spelling_makes_a_plugin_change_something_for_a_viewer(
    populated_host: tuple[TestClient, Mapping[str, str]],
) -> None:
    client, secrets = populated_host
    known = {"authorization": f"Bearer {secrets['viewer']}", "x-project-id": LAB}
    paths = [one for one in SPELLINGS if "lamp" in one]
    statuses = {path: send_request(client, "POST", path, known).status for path in paths}
    assert [one for one in statuses.items() if one[1] not in (403, 404, 405)] == []


def test_below_a_root_path_the_same_paths_are_open(
    populated_host: tuple[TestClient, Mapping[str, str]],
) -> None:
    for path, status in (
        ("/q/health", 200),
        ("/q/users", 401),
        ("/health/q/health", 401),
        ("/q/q/health", 401),
    ):
        assert send_request(populated_host[0], "GET", path, root_path="/q").status == status, path


@each_case(
    "authorization", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {} x", "Bearer\t{}", "Bearer \xff"]
)
def test_a_token_is_accepted_only_as_a_bearer_token(
    populated_host: tuple[TestClient, Mapping[str, str]], authorization: str
) -> None:
    client, secrets = populated_host
    given = {"authorization": authorization.format(secrets["owner"]), "x-project-id": LAB}
    assert send_request(client, "GET", "/projects", given).status == 401


def test_a_project_in_the_path_takes_precedence(
    populated_host: tuple[TestClient, Mapping[str, str]],
) -> None:
    client, secrets = populated_host
    for who, status in (("foreign", 404), ("owner", 200)):
        given = {"authorization": f"Bearer {secrets[who]}", "x-project-id": "elsewhere"}
        assert send_request(client, "GET", f"/projects/{LAB}", given).status == status
    given = {"authorization": f"Bearer {secrets['foreign']}"}
    hidden, missing = (
        send_request(client, "GET", f"/projects/{one}", given) for one in (LAB, "zzz")
    )  # not similar to a name
    assert hidden.status == missing.status == 404
    assert hidden.detail.replace(LAB, "zzz") == missing.detail


async def _nothing(_request: Request) -> Response:
    raise AssertionError


def _plain() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.append(Route("/backdoor", _nothing))
    return app


def _mounted() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.append(Mount("/files", routes=[Route("/x", _nothing)]))
    return app


def _included() -> FastAPI:
    app, router = FastAPI(docs_url=None, redoc_url=None, openapi_url=None), APIRouter()
    router.add_api_route("/included", _nothing)
    app.include_router(router)
    return app


def _do_nothing(_call: Call) -> None:
    raise AssertionError


def _show_name(_call: Call, name: str) -> None:
    raise AssertionError(name)


def _open() -> FastAPI:
    app, operations = FastAPI(docs_url=None, redoc_url=None, openapi_url=None), Operations("chips")
    operations.get("/open/{name}", needs=RequiredRole.OPEN)(_show_name)
    app.include_router(APIRouter(routes=make_routes(operations)))
    return app


def _as_a_plugin() -> FastAPI:
    app, operations = FastAPI(docs_url=None, redoc_url=None, openapi_url=None), Operations("chips")
    operations.get("/plugins/mine", needs=RequiredRole.OWNER)(_do_nothing)
    app.include_router(APIRouter(routes=make_routes(operations)))
    return app


@each_case("make", [_plain, _mounted, _included, _open, _as_a_plugin, FastAPI])
def test_an_application_with_an_unguarded_route_is_refused(make: type[FastAPI]) -> None:
    with pytest.raises(
        RuntimeError,
        match=r"performs no declared operation|is open, and parts of it vary|reserved for plugins",
    ):
        require_declared_routes(make())
