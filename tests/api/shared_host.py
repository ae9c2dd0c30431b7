"""One host per module, and one project per test."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.people.feature import MEMBERS, PROJECTS
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.settings import Settings

from .conftest import Host, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

NUMBERS = count()


@pytest.fixture(scope="module")
def host(
    registry: Registry, imported_routes: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    with run_host(
        Settings(home=tmp_path_factory.mktemp("host") / "home", flow_authors="editors"), registry
    ) as found:
        yield found


@pytest.fixture(scope="module")
def clients(host: Host) -> dict[str, TestClient]:
    return {username: host.connect_as(username) for username in ("editor", "viewer")}


@pytest.fixture
def project(host: Host, clients: dict[str, TestClient]) -> str:
    """A new project, in which the clients act."""
    project_id = f"p{next(NUMBERS)}"
    host.qdash.get(PROJECTS).create(project_id, username=DEFAULT_USER)
    for username, client in clients.items():
        host.qdash.get(MEMBERS).invite(
            host.qdash.access(DEFAULT_USER, project_id), username, ProjectRole(username)
        )
        host.qdash.get(MEMBERS).accept(username, project_id)
        client.headers["x-project-id"] = project_id
    return project_id


@pytest.fixture
def editor(clients: dict[str, TestClient], project: str) -> TestClient:
    return clients["editor"]


@pytest.fixture
def viewer(clients: dict[str, TestClient], project: str) -> TestClient:
    return clients["viewer"]
