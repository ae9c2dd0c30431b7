"""Flows over HTTP: checked, saved with every version, selected by name, and never run by the host."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core.models.project import DEFAULT_USER

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

NIGHT = """\
raise SystemExit("imported")

def night(chip_id, shots: int = 1024):
    '''What runs at night.'''
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([make_task()], [make_backend()], http_host=True)


def test_a_flow_is_checked_saved_and_submitted_without_running_its_code(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench", controls={"2-3": "3"})
    checked = viewer.post("/flows/validate", json={"source": NIGHT}).json()
    assert (checked["function"], checked["form"]["given"]) == ("night", ["chip_id"])
    assert checked["form"]["parameters"]["required"] == [], "the run gives the chip"
    assert checked["form"]["parameters"]["properties"] == {"shots": {"type": "integer", "default": 1024}}
    wrong = viewer.post("/flows/validate", json={"source": "x = 1\ndef night(:"})
    assert (wrong.status_code, wrong.json()["detail"]) == (422, "line 2: invalid syntax")

    absent = editor.put("/flows/night", json={"source": f"from qdash.dbmodel.initialize import a\n{NIGHT}"})
    assert absent.status_code == 422
    assert "line 1: there is no module qdash.dbmodel.initialize; instead:" in absent.json()["detail"]
    saved = editor.put("/flows/night", json={"source": NIGHT, "tags": ["nightly"]})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    run = editor.post("/executions", json={"flow": "night", "chip_id": CHIP, "parameters": {"shots": 3}})
    assert run.status_code == 202, "the host has not run its first line"
    known = [getattr(module, "night", None) for module in [*sys.modules.values()]]
    assert "What runs at night." not in [one.__doc__ for one in known]
    request = host.qdash.record.find(project, run.json()["execution_id"]).request
    assert request is not None
    assert (request.flow, request.flow_version) == ("night", 1)
    assert not (host.qdash.settings.home / "flows").exists(), "its source is written where it is performed"
    unfit = editor.post("/executions", json={"flow": "night", "chip_id": CHIP, "parameters": {"shots": "3"}})
    assert (unfit.status_code, "shots cannot be '3'" in unfit.json()["detail"]) == (422, True)


def test_concurrent_edits_of_a_flow_lose_no_version(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    owner = host.connect_as(DEFAULT_USER)
    owner.headers["x-project-id"] = project
    first = editor.put("/flows/night", json={"source": NIGHT})
    read = {"if-match": viewer.get("/flows/night").headers["etag"]}
    assert read["if-match"] == first.headers["etag"]
    assert owner.put("/flows/night", json={"source": NIGHT + "# one\n"}, headers=read).json()["version"] == 2
    lost = editor.put("/flows/night", json={"source": NIGHT + "# two\n"}, headers=read)
    assert (lost.status_code, lost.json()["type"]) == (412, "/problems/stale")

    versions = viewer.get("/flows/night/versions", params={"limit": 1}).json()
    assert [(one["version"], one["username"]) for one in versions["items"]] == [(2, DEFAULT_USER)]
    older = viewer.get("/flows/night/versions", params={"after": versions["next"]}).json()
    assert [(one["version"], one["username"]) for one in older["items"]] == [(1, "editor")]
    assert "source" not in older["items"][0]
    assert viewer.get("/flows/night/versions/1").json()["source"] == NIGHT
    assert viewer.get("/flows/night").json()["saved"]["source"] == NIGHT + "# one\n"

    assert {"night": "saved"}.items() <= list_kinds(viewer).items()
    assert editor.delete("/flows/night").status_code == 200
    assert "night" not in list_kinds(viewer)
    assert viewer.get("/flows/night").status_code == 404
    assert viewer.get("/flows/night/versions/2").status_code == 200
    for name, status in (("Measure", 409), ("a.py", 422), ("x" * 200, 422)):
        assert editor.put(f"/flows/{name}", json={"source": NIGHT}).status_code == status
    assert viewer.put("/flows/night", json={"source": NIGHT}).status_code == 403


def list_kinds(client: TestClient) -> dict[str, str]:
    return {one["name"]: one["kind"] for one in client.get("/flows").json()["items"]}
