"""Names over HTTP: never read as files of the host, or suggested as such in errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EVENTS
from qdash_core.errors import StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from .conftest import Host

TOPOLOGY = '{"name": "mine", "qubits": [{"id": "0", "row": 0, "col": 0, "mux": 0}], "couplings": []}'


@pytest.fixture(params=["mine.json", "./mine.json", "mine", "/absolute/mine.json"])
def name(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a topology file in the working directory of the host."""
    monkeypatch.chdir(tmp_path)
    for file in ("mine.json", "mine"):
        (tmp_path / file).write_text(TOPOLOGY)
    return str(request.param).replace("/absolute", str(tmp_path))


def require_not_found(answer: object) -> None:
    detail = answer.json()["detail"]  # type: ignore[attr-defined]
    assert answer.status_code == 404, detail  # type: ignore[attr-defined]
    assert "file" not in detail


def test_a_topology_is_not_read_from_a_file(viewer: TestClient, editor: TestClient, name: str) -> None:
    if "/" not in name:
        require_not_found(viewer.get(f"/topologies/{name}"))
    require_not_found(editor.post("/chips", json={"chip_id": "a", "topology": name}))


def test_the_device_of_a_twin_is_not_read_from_a_file(editor: TestClient, name: str) -> None:
    require_not_found(editor.post("/plugins/fake/twins", json={"chip_id": "a", "device": name}))


def test_an_unknown_topology_is_refused_with_the_known_names(viewer: TestClient) -> None:
    detail = viewer.get("/topologies/liner-16").json()["detail"]
    assert detail == "there is no topology 'liner-16'; did you mean 'linear-16'?"


@pytest.mark.parametrize(("error", "status"), [(StoreError, 500), (StoreUnavailableError, 503)])
def test_the_path_of_the_store_is_only_in_the_log(
    host: Host,
    viewer: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: type[Exception],
    status: int,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("/srv/qdash/qdash.db: another process has been writing: look at its disk")

    monkeypatch.setattr(host.qdash.get(EVENTS), "page", fail)
    answer = viewer.get("/events/recorded")
    assert answer.status_code == status
    assert "/srv" not in answer.text
    assert "/srv/qdash/qdash.db" in caplog.text
