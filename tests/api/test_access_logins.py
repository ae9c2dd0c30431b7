"""Authentication over HTTP: set-up link, login, logout, and their record."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_builtin.people.feature import LOGINS, TOKENS
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.errors import StoreUnavailableError
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.token import TokenScope
from qdash_core.repositories.schema import COLLECTIONS

from .conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Response

    from qdash_core.hooks.manager import Registry
    from qdash_core.runtime.application import QDash
    from qdash_core.settings import Settings

    from .conftest import Host

WRONG = "not at all the password"


@pytest.fixture
def new_host(settings: Settings, registry: Registry) -> Iterator[TestClient]:
    """A host without any password."""
    with TestClient(create_app(settings, registry), raise_server_exceptions=False) as client:
        yield client


def get_qdash(client: TestClient) -> QDash:
    found: QDash = client.app.state.qdash  # type: ignore[attr-defined]
    return found


def test_a_set_up_link_redirects_to_the_dashboard_if_there_is_one(
    settings: Settings, registry: Registry
) -> None:
    known = settings.model_copy(update={"dashboard_url": "http://lab:8501"})
    with TestClient(create_app(known, registry)) as client:
        answer = client.get("/auth/setup", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "http://lab:8501/setup")


def make_headers(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_only_the_set_up_link_sets_the_first_password(new_host: TestClient) -> None:
    refused = new_host.get("/users")
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/set-up-needed")
    link = get_qdash(new_host).get(LOGINS).make_first_link()
    assert link is not None
    page = new_host.get("/auth/setup")
    assert page.status_code == 200
    assert link.code not in page.text
    wrong = new_host.post("/auth/setup", json={"code": "wrong", "password": PASSWORD})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/unauthorised")
    done = new_host.post("/auth/setup", json={"code": link.code, "password": PASSWORD})
    assert done.status_code == 200
    assert done.headers["cache-control"] == "no-store"
    assert new_host.get("/users", headers=make_headers(done.json()["token"])).status_code == 200
    assert new_host.post("/auth/setup", json={"code": link.code, "password": WRONG}).status_code == 401
    assert new_host.get("/users").json()["type"] == "/problems/unauthorised"


def test_before_set_up_a_token_of_the_command_line_has_the_access_of_its_user(
    new_host: TestClient,
) -> None:
    qdash = get_qdash(new_host)
    qdash.enroll("ed")
    ed = make_headers(qdash.get(TOKENS).create("ed", "t", scope=TokenScope.ADMIN)[0])
    admin = make_headers(qdash.get(TOKENS).create(DEFAULT_USER, "t", scope=TokenScope.ADMIN)[0])
    assert new_host.get("/chips", headers=ed).status_code == 200
    assert new_host.get("/users", headers=ed).status_code == 403
    assert new_host.post("/users/ed/setup-link", headers=ed).status_code == 403
    assert new_host.get("/users", headers=admin).status_code == 200


def test_a_login_is_valid_until_the_logout(host: Host) -> None:
    login = host.client.post("/auth/login", json={"username": DEFAULT_USER, "password": PASSWORD})
    session = make_headers(login.json()["token"])
    me = host.client.get("/auth/me", headers=session).json()
    assert (me["user"]["username"], me["role"], me["administers"]) == (DEFAULT_USER, "owner", True)
    assert me["token"]["kind"] == "session"
    assert host.client.post("/auth/logout", headers=session).status_code == 204
    assert host.client.get("/auth/me", headers=session).status_code == 401


def test_too_many_wrong_passwords_do_not_lock_out_tokens(host: Host) -> None:
    admin = host.connect_as(DEFAULT_USER)
    for _ in range(10):
        assert _send_login(host, WRONG).status_code == 401
    refused = _send_login(host, PASSWORD)
    assert refused.status_code == 429
    assert 890 <= int(refused.headers["retry-after"]) <= 900
    assert refused.json()["retry_after_s"] <= 900
    assert admin.get("/auth/me").status_code == 200
    assert admin.post("/tokens", json={"name": "another"}).status_code == 201


def test_a_token_is_created_shown_once_used_and_revoked(host: Host) -> None:
    editor = host.connect_as("editor")
    made = editor.post("/tokens", json={"name": "night", "scope": "write"})
    secret = made.json()["secret"]
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert host.client.get("/chips", headers=make_headers(secret)).status_code == 200
    listed = editor.get("/tokens").json()["items"]
    assert "night" in [one["name"] for one in listed]
    (night,) = (one for one in listed if one["name"] == "night")
    assert night["expires_at"] is not None  # no request for an unlimited token
    assert secret not in json.dumps(listed)
    assert editor.delete("/tokens/night").status_code == 204
    assert host.client.get("/chips", headers=make_headers(secret)).status_code == 401
    for name in ("a/b", "session-00ff00ff"):
        assert editor.post("/tokens", json={"name": name}).status_code == 422, name


def test_users_and_projects_are_edited_only_in_the_version_that_was_read(host: Host) -> None:
    admin = host.connect_as(DEFAULT_USER)
    for path, change in (
        ("/users/editor", {"full_name": "Ed"}),
        ("/projects/default", {"description": "Where it is cold"}),
    ):
        read = admin.get(path)
        etag = {"if-match": read.headers["etag"]}
        changed = admin.patch(path, json=change, headers=etag)
        assert changed.status_code == 200
        assert admin.patch(path, json=change, headers=etag).status_code == 412
        again = {"if-match": changed.headers["etag"]}
        assert admin.patch(path, json=change, headers=again).status_code == 200
    role = admin.patch("/projects/default/members/editor", json={"role": "viewer"})
    etag = {"if-match": role.headers["etag"]}
    assert (
        admin.patch("/projects/default/members/editor", json={"role": "owner"}, headers=etag).status_code
        == 200
    )
    assert (
        admin.patch("/projects/default/members/editor", json={"role": "viewer"}, headers=etag).status_code
        == 412
    )


def test_changing_requests_are_in_the_audit_log_with_their_status(host: Host) -> None:
    _send_login(host, WRONG)
    _send_login(host, WRONG, username="typed by mistake")
    session = _send_login(host, PASSWORD).json()["token"]
    admin = TestClient(host.app, headers=make_headers(session))
    admin.post("/projects", json={"project_id": "lab"})
    admin.post("/projects/lab/members", json={"username": "editor"})
    admin.delete("/projects/lab/members/nobody")
    viewer = host.connect_as("viewer")
    assert viewer.post("/users", json={"username": "eve"}).status_code == 403
    assert viewer.post("/flows/validate", json={"source": "def night():\n    ...\n"}).status_code == 200
    assert viewer.post("/nothing").status_code == 404
    assert viewer.put("/chips/a").status_code == 405
    found = admin.get("/audit", params={"limit": 200}).json()["items"]
    told = [(one.get("username"), one["method"], one["path"], one["status"]) for one in reversed(found)]
    assert told == [
        ("admin", "POST", "/auth/login", 401),
        (None, "POST", "/auth/login", 401),
        ("admin", "POST", "/auth/login", 200),
        ("admin", "POST", "/projects", 201),
        ("admin", "POST", "/projects/lab/members", 201),
        ("admin", "DELETE", "/projects/lab/members/nobody", 404),
    ]
    assert "mistake" not in json.dumps(found)
    own = admin.get("/projects/lab/audit").json()["items"]
    assert [one["path"] for one in own] == ["/projects/lab/members/nobody", "/projects/lab/members"]
    assert own[0]["token"].startswith("session-")


def test_a_new_user_is_in_the_audit_log_with_their_project(host: Host) -> None:
    admin = host.connect_as(DEFAULT_USER)
    made = admin.post("/users", json={"username": "e+ve"})
    assert (made.json()["owns"], made.json()["default_project_id"]) == (["e-ve"], "e-ve")
    assert admin.post("/users", json={"username": "e+ve"}).status_code == 409
    admin.post("/projects", json={"project_id": "cold"})
    [*rows] = reversed(admin.get("/audit").json()["items"])
    assert [(one["username"], one["path"], one["status"], one.get("project_id")) for one in rows] == [
        ("admin", "/users", 201, "e-ve"),
        ("admin", "/users", 409, None),
        ("admin", "/projects", 201, "cold"),
    ]


def test_an_accepted_invitation_is_in_the_audit_log_of_the_project(
    host: Host,
) -> None:
    admin = host.connect_as(DEFAULT_USER)
    admin.post("/projects", json={"project_id": "lab"})
    admin.post("/projects/lab/members", json={"username": "editor"})
    assert host.connect_as("viewer").post("/projects/lab/members/accept").status_code == 404
    assert host.connect_as("editor").post("/projects/lab/members/accept").status_code == 200
    newest, *_ = told = admin.get("/projects/lab/audit").json()["items"]
    assert (newest["username"], newest["path"]) == ("editor", "/projects/lab/members/accept")
    assert "viewer" not in [one["username"] for one in told]


def test_while_the_store_is_unavailable_requests_are_refused_without_its_address(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = host.connect_as("viewer")

    def away(*_: object) -> None:
        raise StoreUnavailableError("the store does not answer")

    monkeypatch.setattr(host.qdash.get(AUTHENTICATOR), "authenticate", away)
    refused = viewer.get("/chips")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/store-unavailable")
    assert refused.headers["retry-after"]


def test_a_read_only_store_serves_reads_and_refuses_writes(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, viewer = host.connect_as("editor"), host.connect_as("viewer", TokenScope.READ)

    def full(*_: object, **__: object) -> None:
        raise StoreUnavailableError("the disk is full")

    monkeypatch.setattr(type(host.qdash.store), "transaction", full)
    assert editor.get("/chips").status_code == 200
    assert viewer.post("/flows/validate", json={"source": "def night():\n    ...\n"}).status_code == 200
    assert editor.post("/tags", json={"name": "cold"}).status_code == 503


def test_an_unanswered_request_is_in_the_audit_log(host: Host) -> None:
    admin = host.connect_as(DEFAULT_USER)

    def broken(*_: object) -> None:
        raise RuntimeError("an oversight")

    host.qdash.get(TOKENS).end = broken  # type: ignore[method-assign]
    assert admin.post("/auth/logout").status_code == 500
    [row] = admin.get("/audit").json()["items"]
    assert (row["path"], row["status"]) == ("/auth/logout", 500)


def test_no_secret_is_logged_stored_or_returned(
    new_host: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each secret is used correctly and incorrectly, and then searched for in logs, store and responses."""
    caplog.set_level(logging.DEBUG)
    qdash, told = get_qdash(new_host), []
    link = qdash.get(LOGINS).make_first_link()
    assert link is not None
    session = new_host.post("/auth/setup", json={"code": link.code, "password": PASSWORD}).json()["token"]
    login = {"username": DEFAULT_USER, "password": PASSWORD}
    secret = new_host.post(
        "/tokens", json={"name": "t", "scope": "admin"}, headers=make_headers(session)
    ).json()["secret"]
    for wrong in (
        {"json": {**login, "password": WRONG}},
        {"json": {**login, "password": [WRONG]}},
        {"json": {**login, "passwort": WRONG}},
        {"content": f'{{"password": "{WRONG}"'},
        {"json": {**login, "password": WRONG * 100}},
    ):
        told.append(new_host.post("/auth/login", **wrong))  # type: ignore[arg-type]
        told.append(new_host.post("/auth/setup", **wrong))  # type: ignore[arg-type]
    for refused in (make_headers(secret + "x"), {"authorization": f"Basic {secret}"}):
        told.append(new_host.get("/tokens", headers=refused))
    for path in ("/tokens", "/auth/me", "/users", "/audit", "/settings", f"/chips/{DEFAULT_USER}"):
        told.append(new_host.get(path, headers=make_headers(secret)))
    said = caplog.text + "".join(capfd.readouterr()) + "".join(one.text + str(one.headers) for one in told)
    for hidden in (PASSWORD, WRONG, session, secret, link.code):
        assert hidden not in said
        with qdash.store.read() as snapshot:
            for collection in COLLECTIONS:
                assert hidden not in str(snapshot.find(collection, {})), collection


def _send_login(host: Host, password: str, *, username: str = DEFAULT_USER) -> Response:
    return host.client.post("/auth/login", json={"username": username, "password": password})
