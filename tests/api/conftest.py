"""A host in this process, and clients of every role."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from qdash_api import create_app, openapi, plugin_routers
from qdash_builtin.people.feature import MEMBERS, TOKENS, USERS
from qdash_builtin.people.passwords import hash_password
from qdash_core.hooks.manager import Registry, load_plugins
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings

from .people import end_embedded_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

    from qdash_core.runtime.application import QDash


def _describe_once(describe: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Describe the same routes only once: most tests have a host of their own, with the usual ones."""
    described: dict[tuple[object, ...], dict[str, Any]] = {}

    def describe_once(app: FastAPI | None = None, **given: Any) -> dict[str, Any]:
        contexts = iter_route_contexts(app.routes if app else given["routes"])
        routes = tuple((found.path_format, found.endpoint) for found in contexts)
        if routes not in described:
            described[routes] = describe(app, **given) if app else describe(**given)
        return described[routes]

    return describe_once


openapi._build_document = _describe_once(openapi._build_document)
plugin_routers.get_openapi = _describe_once(plugin_routers.get_openapi)  # type: ignore[attr-defined]

DOCUMENT = Path(__file__).parents[2] / "packages/qdash-remote/openapi.json"
PASSWORD = "a long enough password"
ADDRESS = ("192.0.2.1", 50_000)


@dataclass(frozen=True)
class Host:
    """A host in this process, with users `owner`, `editor` and `viewer` of project `default`."""

    client: TestClient
    app: FastAPI

    @property
    def qdash(self) -> QDash:
        return self.app.state.qdash

    def token(self, username: str, scope: TokenScope = TokenScope.ADMIN) -> str:
        """Return the secret of a new token."""
        return self.qdash.get(TOKENS).create(username, f"of-{scope}", scope=scope)[0]

    def connect_as(self, username: str, scope: TokenScope = TokenScope.ADMIN) -> TestClient:
        """Return a client with a token of a user."""
        client = TestClient(self.app, client=ADDRESS)
        client.portal = self.client.portal  # else each request would start an event loop
        client.headers["authorization"] = f"Bearer {self.token(username, scope)}"
        return client


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Load the plugins, and make the routes, which takes two seconds, in no test's own time."""
    loaded = load_plugins()
    loaded.routers()
    return loaded


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """OpenAPI document of a host with the plugins of this repository.

    It takes a second to build. That of the client is the same, as a test of the client checks: after a change of a
    route, `python packages/generate.py` writes it anew.
    """
    found: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return found


@pytest.fixture
def described(host: Host, document: dict[str, Any]) -> None:
    """Let the host have the document without building it."""
    host.app.openapi_schema = document


@pytest.fixture(scope="session")
def imported_routes() -> None:
    """Import all routes, which takes a second, in no test's own time."""
    load_plugins().operations()


@pytest.fixture(scope="session", autouse=True)
def _imported_routes(imported_routes: None) -> None:
    """Import all routes for hosts that tests run themselves, too."""


@pytest.fixture
def few_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hosts have only routes that they need to start and those of cryostats: describing all of them takes a second."""
    few = ("auth", "cryostats", "documentation", "health")
    leave_out(monkeypatch, lambda tag: tag not in few and not tag.startswith("plugins-"))


def leave_out(monkeypatch: pytest.MonkeyPatch, is_left_out: Callable[[str], bool]) -> None:
    """Let hosts have no operations with some tags."""
    list_all = Registry.operations
    monkeypatch.setattr(
        Registry,
        "operations",
        lambda registry: [one for one in list_all(registry) if not is_left_out(one.tag)],
    )


@cache
def password_hash() -> str:
    """Return the hash of `PASSWORD`, which is slow to compute on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", flow_authors="editors")


@pytest.fixture
def host(settings: Settings, registry: Registry, imported_routes: None) -> Iterator[Host]:
    with run_host(settings, registry) as found:
        yield found


@contextmanager
def run_host(settings: Settings, registry: Registry, *, has_users: bool = False) -> Iterator[Host]:
    """Run a host for the length of a block; add the users to a home that does not have them."""
    has_users = has_users or copy_store_with_users(settings)
    app = create_app(settings, registry)
    with TestClient(app, client=ADDRESS, raise_server_exceptions=False) as client:
        if not has_users:
            add_users(app.state.qdash)
        yield Host(client, app)


def copy_store_with_users(settings: Settings) -> bool:
    """Copy a store with all users into a home that has none; return whether this was possible."""
    file = settings.home / "qdash.db"
    if settings.home.exists() or settings.store_url != f"sqlite:///{file}":
        return False
    settings.home.mkdir(mode=0o700, parents=True)
    file.write_bytes(make_store_with_users())
    return True


@cache
def make_store_with_users() -> bytes:
    """Return the file of a store with all users."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        with open_qdash(Settings(home=home)) as qdash:
            add_users(qdash)
        return (home / "qdash.db").read_bytes()


def add_users(qdash: QDash) -> None:
    """Add all users."""
    end_embedded_mode(qdash, DEFAULT_USER, password_hash())
    owner = qdash.access(DEFAULT_USER)
    for username in ("owner", "editor", "viewer"):
        qdash.get(USERS).create(username, by=DEFAULT_USER)
        qdash.get(MEMBERS).invite(owner, username, ProjectRole(username))
        qdash.get(MEMBERS).accept(username, owner.project_id)


@pytest.fixture
def viewer(host: Host) -> TestClient:
    return host.connect_as("viewer")


@pytest.fixture
def editor(host: Host) -> TestClient:
    return host.connect_as("editor")


@pytest.fixture
def owner(host: Host) -> TestClient:
    return host.connect_as("owner")


@pytest.fixture
def administrator(host: Host) -> TestClient:
    return host.connect_as(DEFAULT_USER)
