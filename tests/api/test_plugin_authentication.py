"""Authentication by plugins over HTTP: by the header of a proxy, and by the password of a directory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.people.feature import USERS
from qdash_core import hookimpl
from qdash_core.hooks.manager import load_plugins

from ..plain_install import PLAIN
from .conftest import PASSWORD, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.authentication import AuthenticationAttempt
    from qdash_core.settings import Settings

    from .conftest import Host

DIRECTORY = "the password of the directory"


@hookimpl
def qdash_authentication(attempt: AuthenticationAttempt) -> str | None:
    if attempt.headers.get("x-remote-user") == "crash":
        raise RuntimeError("no such header")
    if attempt.password == DIRECTORY:
        return attempt.username
    return attempt.headers.get("x-remote-user")


@pytest.fixture
def host(settings: Settings) -> Iterator[Host]:
    """A host behind a proxy, with a directory of users."""
    proxy = SimpleNamespace(qdash_authentication=qdash_authentication)
    registry = load_plugins(extra={"proxy": proxy}, installed_too=(*PLAIN, "qdash-api"), blocked=())
    with run_host(settings, registry) as found:
        yield found


def ask(host: Host, method: str, path: str, *names: str, **given: Any) -> int:
    """Return the status of a request with this header for each of some names."""
    headers = [("x-remote-user", name) for name in names]
    return int(host.client.request(method, path, headers=headers, **given).status_code)


@pytest.mark.usefixtures("few_routes")
def test_a_header_of_the_proxy_names_the_caller_with_the_role_of_the_store(host: Host) -> None:
    cryostat = {"cryo_id": "K-101"}
    assert ask(host, "GET", "/cryostats", "viewer") == 200
    assert ask(host, "POST", "/cryostats", "viewer", json=cryostat) == 403
    assert ask(host, "POST", "/cryostats", "editor", json=cryostat) == 201


@pytest.mark.usefixtures("few_routes")
@pytest.mark.parametrize("names", [(), ("",), ("nobody",), ("crash",), ("editor", "owner")])
def test_any_other_request_is_refused(host: Host, names: tuple[str, ...]) -> None:
    assert ask(host, "GET", "/cryostats", *names) == 401


@pytest.mark.usefixtures("few_routes")
def test_a_disabled_user_is_refused(host: Host) -> None:
    host.qdash.get(USERS).edit("editor", by="admin", disabled=True)
    assert ask(host, "GET", "/cryostats", "editor") == 401


@pytest.mark.usefixtures("few_routes")
def test_a_valid_token_is_used_and_no_plugin_is_asked(host: Host) -> None:
    client = host.connect_as("viewer")
    client.headers["x-remote-user"] = "owner"
    assert client.post("/cryostats", json={"cryo_id": "K-101"}).status_code == 403


@pytest.mark.usefixtures("few_routes")
def test_a_login_with_the_password_of_the_directory_begins_a_session(host: Host) -> None:
    def log_in(username: str, password: str) -> Any:
        return host.client.post("/auth/login", json={"username": username, "password": password})

    begun = log_in("editor", DIRECTORY)
    assert begun.status_code == 200
    headers = {"authorization": f"Bearer {begun.json()['token']}"}
    assert host.client.get("/cryostats", headers=headers).status_code == 200
    assert log_in("editor", "wrong").status_code == 401
    assert log_in("nobody", DIRECTORY).status_code == 401
    assert log_in("admin", PASSWORD).status_code == 200
