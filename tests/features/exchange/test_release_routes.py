"""Releases over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...api.shared_host import clients, editor, host, project, viewer
from ..values.test_routes import QUBIT, T1, measured, registry

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.models.task import TaskResultModel

__all__ = ["clients", "editor", "host", "measured", "project", "registry", "viewer"]


def test_a_release_is_created_compared_restored_and_deleted(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    releases = QUBIT.removesuffix("/qubits/0") + "/releases"
    created = editor.post(releases, json={"name": "friday", "note": "good"})
    assert created.status_code == 201, created.text
    assert editor.post(releases, json={"name": "friday"}).status_code == 409
    assert editor.post(releases, json={"name": "a/b"}).status_code == 422
    assert viewer.post(releases, json={}).status_code == 403
    editor.patch(QUBIT, json=T1)

    compared = viewer.get(releases.removesuffix("s") + "-comparison", params={"first": "friday"}).json()
    assert [(one["target"], one["difference"]) for one in compared["values"]] == [("0", 35.2)]
    assert [one["name"] for one in viewer.get(releases).json()["items"]] == ["friday"]
    assert viewer.get(f"{releases}/friday").json()["qubits"]["0"]["t1"]["value"] == 10.0
    assert viewer.get(f"{releases}/friday/export").json()["qubits"]["0"]["t1"]["value"] == 10.0

    reversion = QUBIT.removesuffix("/qubits/0") + "/values/reversion"
    reverted = editor.post(reversion, json={"to": "release:friday"})
    assert [one["after"]["value"] for one in reverted.json()["changes"]] == [10.0]
    assert editor.delete(f"{releases}/friday").status_code == 200
    assert viewer.get(f"{releases}/friday").status_code == 404
