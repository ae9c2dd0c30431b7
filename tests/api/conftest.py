"""A host in this process, and clients of every role."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from qdash_api import create_app, openapi
from qdash_api.openapi import describe_app
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.projects.passwords import hash_password
from qdash_core.settings import Settings

from .people import end_embedded_mode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from qdash_core.application import QDash
    from qdash_core.hooks.manager import Registry

_BUILT: dict[tuple[object, ...], dict[str, Any]] = {}
_build = openapi._build_document


def _build_once(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the same routes: most tests have a host of their own, with the usual ones."""
    routes = tuple((found.path_format, found.endpoint) for found in iter_route_contexts(app.routes))
    if routes not in _BUILT:
        _BUILT[routes] = _build(app)
    return _BUILT[routes]


openapi._build_document = _build_once

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
        return self.qdash.tokens.create(username, f"of-{scope}", scope=scope)[0]

    def connect_as(self, username: str, scope: TokenScope = TokenScope.ADMIN) -> TestClient:
        """Return a client with a token of a user."""
        client = TestClient(self.app, client=ADDRESS)
        client.headers["authorization"] = f"Bearer {self.token(username, scope)}"
        return client


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load_plugins()


@pytest.fixture(scope="session")
def document(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """OpenAPI document of a host with the plugins of this repository, which takes half a second to build."""
    return describe_app(create_app(Settings(home=tmp_path_factory.mktemp("document")), registry))


@cache
def password_hash() -> str:
    """Return the hash of `PASSWORD`, which is slow to compute on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", flow_authors="editors")


@pytest.fixture
def host(settings: Settings, registry: Registry) -> Iterator[Host]:
    with run_host(settings, registry) as found:
        yield found


@contextmanager
def run_host(settings: Settings, registry: Registry) -> Iterator[Host]:
    """Run a host for the length of a block."""
    app = create_app(settings, registry)
    with TestClient(app, client=ADDRESS, raise_server_exceptions=False) as client:
        yield run_host_with_users(app, client)


def run_host_with_users(app: FastAPI, client: TestClient | None = None) -> Host:
    """Add all users to a running host."""
    qdash: QDash = app.state.qdash
    end_embedded_mode(qdash, DEFAULT_USER, password_hash())
    owner = qdash.access(DEFAULT_USER)
    for username in ("owner", "editor", "viewer"):
        qdash.users.create(username, by=DEFAULT_USER)
        qdash.members.invite(owner, username, ProjectRole(username))
        qdash.members.accept(username, owner.project_id)
    return Host(client or TestClient(app), app)


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
