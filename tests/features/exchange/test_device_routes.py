"""Exports of devices over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from ...api.chip_samples import get_refusal, make_chip
from ...api.conftest import ADDRESS
from ...api.shared_host import clients, editor, host, project, viewer
from ...calibrated_chips import set_device_values

if TYPE_CHECKING:
    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

DEVICE = "/chips/a/export"


@pytest.fixture(autouse=True)
def calibrated(host: Host, project: str, editor: TestClient) -> None:
    """Chip of two qubits with every value."""
    make_chip(editor)
    set_device_values(host.qdash, project, "a")


def test_a_device_is_exported_within_limits(viewer: TestClient) -> None:
    whole = viewer.get(DEVICE, params={"format": "device-topology", "device_name": "anemone"})
    assert whole.headers["content-disposition"] == 'attachment; filename="a-device-topology.json"'
    assert whole.json()["name"] == "anemone"
    assert len(whole.json()["couplings"]) == 1
    limits: dict[str, Any] = {"format": "device", "exclude": ["0-1"], "largest_part": True, "max_age": "1h"}
    part = viewer.get(DEVICE, params=limits).json()
    assert [qubit["qid"] for qubit in part["qubits"]] == ["0"]
    assert [one["target"] for one in part["left_out"]] == ["1", "0-1"]


def test_a_release_is_exported_as_a_device(editor: TestClient, viewer: TestClient) -> None:
    assert editor.post("/chips/a/releases", json={"name": "friday"}).status_code == 201
    params = {"format": "device", "qubits": "1"}
    part = viewer.get("/chips/a/releases/friday/export", params=params).json()
    assert [qubit["qid"] for qubit in part["qubits"]] == ["1"]
    unmarked = viewer.get("/chips/a/releases/friday/export?format=device&without_marks=any")
    assert len(unmarked.json()["qubits"]) == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("format=json&largest_part=true", 422),
        ("format=device&min_qubit_fidelity=2", 422),
        ("format=device&min_qubit_fidelity=nan", 422),
        ("format=device&max_age=soon", 422),
        ("format=device&without_marks=stale", 422),
        ("format=device&exclude=a-b", 422),
        ("format=device&min_fidelity=0.9", 422),
        ("format=device&min_qubit_fidelity=0.9999", 422),
        ("format=device&exclude=7", 404),
    ],
)
def test_an_unusable_limit_is_refused(viewer: TestClient, query: str, status: int) -> None:
    get_refusal(viewer.get(f"{DEVICE}?{query}"), status)


def test_only_members_export_a_device(host: Host, project: str) -> None:
    nobody = TestClient(host.app, client=ADDRESS)
    get_refusal(nobody.get(f"{DEVICE}?format=device"), 401)
    owner = host.connect_as("owner")  # of another project
    get_refusal(owner.get(f"{DEVICE}?format=device", headers={"x-project-id": project}), 404)


def test_the_formats_are_listed_with_their_abilities(viewer: TestClient) -> None:
    formats = {one["name"]: one for one in viewer.get("/formats").json()["items"]}
    assert (
        formats["json"]["is_reader"],
        formats["json"]["is_writer"],
        formats["json"]["writes_devices"],
    ) == (
        True,
        True,
        False,
    )
    assert formats["device"]["writes_devices"]
    assert not formats["device"]["is_reader"]
    assert formats["qubex-params"]["copies_files"]
