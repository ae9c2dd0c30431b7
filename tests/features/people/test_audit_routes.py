"""Audit log over HTTP: changed fields, filters, CSV and rights."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from qdash_builtin.people.feature import AUDIT_LOG
from qdash_builtin.people.models.audit import AuditModel
from qdash_core.models.project import DEFAULT_USER

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host


def read_changes(row: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {one["field"]: (one.get("before"), one.get("after")) for one in row["changes"]}


def test_rows_say_what_was_changed(host: Host, owner: TestClient) -> None:
    member = "/projects/default/members/viewer"
    owner.patch(member, json={"role": "editor"}).raise_for_status()
    owner.patch("/projects/default", json={"tags": ["cold"]}).raise_for_status()
    owner.patch(member, json={"role": "king"})
    owner.post("/cryostats", json={"cryo_id": "K", "name": "Kelvin"}).raise_for_status()
    owner.delete("/cryostats/K").raise_for_status()
    deleted, created, refused, tagged, changed = owner.get("/projects/default/audit").json()["items"]
    assert changed["operation"] == "change_role"
    assert read_changes(changed) == {"role": ("viewer", "editor")}
    assert read_changes(tagged) == {"tags": ("[]", '["cold"]')}
    assert "changes" not in refused
    assert read_changes(created)["name"] == (None, "Kelvin")
    assert read_changes(deleted)["name"] == ("Kelvin", None)
    administrator = host.connect_as(DEFAULT_USER)
    administrator.patch("/users/viewer", json={"full_name": "Vera"}).raise_for_status()
    [row] = administrator.get("/audit", params={"action": "edit user"}).json()["items"]
    assert read_changes(row)["full_name"][1] == "Vera"


def test_rows_are_filtered_and_downloaded(host: Host, owner: TestClient, editor: TestClient) -> None:
    owner.post("/tags", json={"name": "a"}).raise_for_status()
    editor.post("/tags", json={"name": "b"}).raise_for_status()
    editor.delete("/tags/b").raise_for_status()
    path = "/projects/default/audit"
    [row] = owner.get(path, params={"username": "editor", "action": "delete tag"}).json()["items"]
    assert row["path"] == "/tags/b"
    assert len(owner.get(path, params={"subject": "/TAGS"}).json()["items"]) == 3
    assert owner.get(path, params={"until": row["at"]}).json()["items"][-1]["username"] == "owner"
    file = owner.get(f"{path}/file", params={"username": "editor"})
    assert file.headers["content-type"].startswith("text/csv")
    rows = [*csv.DictReader(io.StringIO(file.text))]
    assert [(one["operation"], one["path"]) for one in rows] == [
        ("delete_tag", "/tags/b"),
        ("add_tag", "/tags"),
    ]
    everything = host.connect_as(DEFAULT_USER).get("/audit/file", params={"project_id": "default"})
    assert len([*csv.DictReader(io.StringIO(everything.text))]) == 3


def test_others_do_not_see_it(host: Host, owner: TestClient, editor: TestClient) -> None:
    owner.post("/tags", json={"name": "secret"}).raise_for_status()
    for path in ("/audit", "/projects/default/audit"):
        assert editor.get(path).status_code == 403
        assert editor.get(f"{path}/file").status_code == 403
    created = editor.post("/projects", json={"project_id": "mine"})
    created.raise_for_status()
    host.qdash.get(AUDIT_LOG).record_request(
        AuditModel(request_id="r", method="PUT", path="/x", project_id="mine")
    )
    own = editor.get("/projects/mine/audit").json()["items"]
    assert [one["path"] for one in own] == ["/x"]
    assert "secret" not in editor.get("/projects/mine/audit/file").text
