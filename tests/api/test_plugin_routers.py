"""Routers of plugins: mounted below their plugin, or set aside with it; and the routers of the twins."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_builtin.chips.feature import CHIPS
from qdash_core import hookimpl
from qdash_core.hooks.manager import load_plugins

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from qdash_core.settings import Settings

    from .conftest import Host

TWIN: dict[str, object] = {"chip_id": "a", "device": "linear-2"}
WRONG: tuple[dict[str, object], ...] = (
    {"device": "/etc/passwd"},
    {"device": "linear-2001"},
    {"options": {"truth": 1}},
    {"chip_id": "../a"},
    {"seed": -1},
    {"further": 1},
)


def make_plugin(router: object) -> SimpleNamespace:
    """Return a plugin with one router."""

    def qdash_api_routers() -> list[object]:
        return [router]

    return SimpleNamespace(qdash_api_routers=hookimpl(qdash_api_routers))


def test_an_editor_creates_a_twin_and_a_viewer_cannot(editor: TestClient, viewer: TestClient) -> None:
    assert "jakarta" in viewer.get("/plugins/fake/devices").json()["devices"]
    layout = viewer.get("/plugins/fake/devices/jakarta/topology").json()
    assert (len(layout["qubits"]), len(layout["couplings"])) == (7, 6)
    assert viewer.get("/plugins/fake/devices/..%2Fjakarta/topology").status_code == 404
    assert viewer.post("/plugins/fake/twins", json=TWIN).status_code == 403
    made = editor.post("/plugins/fake/twins", json=TWIN)
    assert (made.status_code, made.json()["n_qubits"], made.json()["backend"]) == (201, 2, "fake")
    assert viewer.get("/chips/a").json()["chip_id"] == "a"
    assert editor.post("/plugins/fake/twins", json=TWIN).status_code == 409


def test_an_invalid_twin_is_refused_and_nothing_is_created(host: Host, editor: TestClient) -> None:
    for wrong in WRONG:
        refused = editor.post("/plugins/fake/twins", json=TWIN | wrong)
        assert refused.status_code in (404, 422), wrong
        assert refused.headers["content-type"] == "application/problem+json"
    assert not host.qdash.get(CHIPS).list_by_project(host.qdash.access("editor"))


def test_there_is_no_route_for_the_truth(host: Host) -> None:
    paths = [str(context.path) for context in iter_route_contexts(host.app.routes)]
    assert [path for path in paths if path.startswith("/plugins/fake")] == [
        "/plugins/fake/devices",
        "/plugins/fake/devices/{name}/topology",
        "/plugins/fake/twins",
    ]
    assert not [path for path in paths if "truth" in path]


BESIDE = APIRouter()
BESIDE.add_api_route("temperature", lambda: None)


@each_case(
    ("router", "said"),
    [
        (SimpleNamespace(routes=[]), "is not a fastapi.APIRouter"),
        (BESIDE, "path 'temperature' does not begin with /"),
        (APIRouter(prefix="/x"), None),
    ],
    ids=["no router", "one beside its plugin", "an empty one"],
)
def test_a_router_that_cannot_be_mounted_disables_its_plugin(
    settings: Settings, router: object, said: str | None
) -> None:
    registry = load_plugins(extra={"laboratory": make_plugin(router)})
    create_app(settings, registry)
    (record,) = (one for one in registry.plugins if one.name == "laboratory")
    assert (record.status, bool(record.error and said and said in record.error)) == (
        ("failed", True) if said else ("ok", False)
    )


def test_a_failing_lifespan_of_a_plugin_disables_the_plugin_and_not_the_host(settings: Settings) -> None:
    @asynccontextmanager
    async def failing(_app: Any) -> AsyncIterator[None]:
        raise OSError("the refrigerator does not answer")
        yield

    registry = load_plugins(extra={"laboratory": make_plugin(APIRouter(lifespan=failing))})
    with TestClient(create_app(settings, registry)) as client:
        assert client.get("/health").status_code == 200
    (record,) = (one for one in registry.plugins if one.name == "laboratory")
    assert "the refrigerator does not answer" in str(record.error)


@pytest.mark.usefixtures("few_routes")
def test_operations_of_a_plugin_are_named_with_its_prefix(settings: Settings) -> None:
    router = APIRouter()

    @router.get("/temperature")
    def show_chip() -> dict[str, float]:
        """Return the temperature."""
        return {"mixing_chamber_mk": 8.4}

    registry = load_plugins(extra={"laboratory": make_plugin(router)})
    with TestClient(create_app(settings, registry)) as client:
        paths = client.get("/openapi.json").json()["paths"]
    operation = paths["/plugins/laboratory/temperature"]["get"]
    assert (operation["operationId"], operation["x-needs"]) == ("laboratory_show_chip", "viewer")
