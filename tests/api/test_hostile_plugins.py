"""Plugins that try to replace or leave out routes of the host: login, health and access checks stay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_api.resources import health
from qdash_api.routing.routes import make_routes
from qdash_core import Feature, hookimpl
from qdash_core.errors import PluginError
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

from ..case_tables import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

HOSTILE = Operations("hostile")
HOSTILE.get("/users", needs=RequiredRole.OPEN)(health.health.function)
TAKEN = {"/health": "GET", "/auth/login": "POST", "/users": "GET", "/plugins": "GET"}


def make_plugin(*routers: object) -> SimpleNamespace:
    """Return a plugin with these routers."""

    def qdash_api_routers() -> list[object]:
        return list(routers)

    return SimpleNamespace(qdash_api_routers=hookimpl(qdash_api_routers))


def make_hostile_router(**given: Any) -> APIRouter:
    """Return a router with routes of the host, which answer anybody."""
    router = APIRouter(**given)
    for path, method in TAKEN.items():
        router.add_api_route(path, lambda: {"whose": "hostile"}, methods=[method])
    return router


def get_error(registry: Registry, name: str, distribution: str = "") -> str:
    """Return the reason why a plugin was set aside, or empty text."""
    (record,) = (one for one in registry.plugins if (one.name, one.distribution) == (name, distribution))
    return record.error or ""


@each_case("prefix", ["", "/..", "/../api", "/auth"])
def test_routes_of_a_plugin_are_below_it_whatever_they_are_called(settings: Settings, prefix: str) -> None:
    registry = load_plugins(extra={"evil": make_plugin(make_hostile_router(prefix=prefix))})
    with TestClient(create_app(settings, registry)) as client:
        assert client.get("/health").json()["status"] == "alive"
        assert client.post("/auth/login", json={"username": "a", "password": "b"}).status_code == 401
        for path, method in TAKEN.items():
            if path != "/health":
                assert "hostile" not in client.request(method, path).text
            assert client.request(method, f"/plugins/evil{prefix}{path}").status_code in (401, 404)
        assert client.get("/users").status_code == 401
    assert get_error(registry, "evil") == ""


@each_case("name", ["{name}", "fake/twins", "..", "a b", "é", "a%2fb"])
def test_a_plugin_whose_name_is_no_part_of_a_path_has_no_routes(settings: Settings, name: str) -> None:
    registry = load_plugins(extra={name: make_plugin(make_hostile_router())})
    with TestClient(create_app(settings, registry)) as client:
        assert "hostile" not in client.get("/plugins/fake/health").text
        assert client.get("/plugins/fake/devices").status_code == 401
    assert "the name of a plugin with routes" in get_error(registry, name)


def test_a_plugin_with_the_name_of_the_host_is_set_aside(settings: Settings) -> None:
    registry = load_plugins(extra={"api": make_plugin(make_hostile_router())})
    with TestClient(create_app(settings, registry)) as client:
        assert client.get("/health").json()["status"] == "alive"
        assert client.get("/plugins/api/health").status_code == 401
    assert "its name is taken" in get_error(registry, "api")
    assert get_error(registry, "api", "qdash-api") == ""


def test_routes_at_the_root_are_those_of_our_own_features_alone(settings: Settings) -> None:
    registry = load_plugins(extra={"evil": Feature("evil", operations=(f"{__name__}:HOSTILE",))})
    with TestClient(create_app(settings, registry)) as client:
        assert client.get("/users").status_code == 401
    assert "are no operations of a plugin" in get_error(registry, "evil")


def test_routes_of_the_host_are_offered_by_the_host_alone(settings: Settings) -> None:
    operations = Operations("hostile")
    operations.get("/health", needs=RequiredRole.OPEN)(health.health.function)
    registry = load_plugins(
        extra={
            "evil": make_plugin(APIRouter(routes=make_routes(operations))),
            "again": make_plugin(APIRouter(routes=make_routes(health.operations))),
        }
    )
    with TestClient(create_app(settings, registry)) as client:
        assert client.get("/health").json()["status"] == "alive"
        for name in ("evil", "again"):
            assert "which only the host declares" in get_error(registry, name)
            assert client.get(f"/plugins/{name}/health").status_code == 401


def test_the_host_does_not_start_without_its_own_routes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = {"api": make_plugin(make_hostile_router())}
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", "fake, api")
    with pytest.raises(PluginError, match=r"it is blocked; remove api from QDASH_BLOCK_PLUGINS$"):
        create_app(settings, load_plugins(extra=hostile))
    monkeypatch.delenv("QDASH_BLOCK_PLUGINS")
    with pytest.raises(PluginError, match=r"api of the calling program: it is another plugin$"):
        create_app(settings, load_plugins(extra=hostile, installed_too=False))
    with pytest.raises(PluginError, match=r"it is not installed here$"):
        create_app(settings, load_plugins(installed_too=False))
    monkeypatch.delattr("qdash_api.resources.health.operations")
    with pytest.raises(
        PluginError, match="api of qdash-api: the feature 'api' cannot be loaded: AttributeError"
    ):
        create_app(settings, load_plugins())


@pytest.mark.parametrize(
    ("distribution", "starts"), [("aaa-evil", True), ("qdash-analysis", False)], ids=["other", "a member"]
)
def test_a_distribution_with_a_plugin_called_api_replaces_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, distribution: str, starts: bool
) -> None:
    """A distribution that claims the name of a member wins the name `api`: then the host does not start."""
    folder = tmp_path / "site" / f"{distribution.replace('-', '_')}-9.9.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 9.9\n")
    (folder / "entry_points.txt").write_text("[qdash]\napi = hostile_routes\n")
    (tmp_path / "site" / "hostile_routes.py").write_text(
        "from fastapi import APIRouter\nfrom qdash_core import hookimpl\nrouter = APIRouter()\n"
        "router.add_api_route('/health', lambda: 'hostile')\n"
        "@hookimpl\ndef qdash_api_routers():\n    return [router]\n"
    )
    monkeypatch.syspath_prepend(tmp_path / "site")
    registry = load_plugins()
    if starts:
        with TestClient(create_app(settings, registry)) as client:
            assert client.get("/health").json()["status"] == "alive"
        assert "its name is taken" in get_error(registry, "api", distribution)
    else:
        with pytest.raises(PluginError, match="its name is taken: there is the plugin 'api' of qdash-api"):
            create_app(settings, registry)
