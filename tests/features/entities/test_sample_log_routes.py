"""Routes of an entity of a plugin whose records belong to chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.hooks.manager import load_plugins

from ...helium_fills import make_plugin
from ...sample_log import PHOTO, SAMPLES
from .test_routes import get_refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

PATH = "/entities/samples"


@pytest.fixture
def registry() -> Registry:
    return load_plugins(extra={"samples": make_plugin(SAMPLES)})


@pytest.fixture
def lab(editor: TestClient) -> TestClient:
    """A laboratory with the chips A and B."""
    for chip_id in ("A", "B"):
        made = editor.post("/chips", json={"chip_id": chip_id, "topology": "square-lattice-mux-16"})
        assert made.status_code == 201, made.text
    return editor


def create_sample(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"name": "wafer", "chip_id": "A", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_samples_are_found_by_chip_and_target_and_removed_with_the_chip(lab: TestClient) -> None:
    first, second = create_sample(lab, target="0"), create_sample(lab, chip_id="B", target="1-0")
    assert second["target"] == "0-1"
    for query, found in (
        ({}, [second, first]),
        ({"chip_id": "A"}, [first]),
        ({"target": "1-0"}, [second]),
        ({"chip_id": "A", "target": "1"}, []),
    ):
        assert lab.get(PATH, params=query).json()["items"] == found
    assert "no chip 'C'" in get_refusal(lab.post(PATH, json={"name": "x", "chip_id": "C"}), 404)
    get_refusal(lab.get(PATH, params={"target": "x"}), 422)
    impact = lab.get("/chips/A/deletion-impact").json()
    assert impact["removed"]["plugin_record.sample"] == 1
    assert lab.delete("/chips/A", params={"force": True}).status_code == 200
    assert lab.get(PATH).json()["items"] == [second]


def test_photographs_are_attached_listed_downloaded_and_deleted(lab: TestClient, viewer: TestClient) -> None:
    made = create_sample(lab)
    files = f"{PATH}/{made['record_id']}/attachments"
    answer = lab.put(f"{files}/left%20side.jpg", content=PHOTO)
    assert (answer.status_code, answer.json()["media_type"]) == (200, "image/jpeg"), answer.text
    assert viewer.get(files).json()["items"] == [answer.json()]
    assert viewer.get(f"{PATH}/{made['record_id']}").json()["attachments"] == [answer.json()]
    sent = viewer.get(f"{files}/left%20side.jpg")
    assert (sent.content, sent.headers["content-type"]) == (PHOTO, "image/jpeg")
    assert sent.headers["content-disposition"] == 'inline; filename="left_side.jpg"'
    get_refusal(viewer.put(f"{files}/a.jpg", content=PHOTO), 403)
    get_refusal(lab.put(f"{files}/..%2Fa.jpg", content=PHOTO), 404)
    assert "is not a valid file name" in get_refusal(lab.put(f"{files}/a$.jpg", content=PHOTO), 422)
    bell = get_refusal(lab.put(f"{files}/a%07.jpg", content=PHOTO), 422)
    assert "it has characters that are not possible here" in bell
    assert lab.delete(f"{files}/left%20side.jpg").json() == answer.json()
    assert viewer.get(files).json()["items"] == []


def test_an_upload_is_refused_at_the_limit_of_its_entity(lab: TestClient) -> None:
    made = create_sample(lab)
    files = f"{PATH}/{made['record_id']}/attachments"

    def stream() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(2**20)

    most = 2 * 2**20  # above the limit of other operations
    assert lab.put(f"{files}/a.jpg", content=PHOTO.ljust(most, b"\0")).status_code == 200
    assert f"larger than {most} bytes" in get_refusal(lab.put(f"{files}/b.jpg", content=bytes(most + 1)), 413)
    assert f"larger than {most} bytes" in get_refusal(lab.put(f"{files}/b.jpg", content=stream()), 413)
    assert "larger than 1048576 bytes" in get_refusal(lab.post(PATH, content=bytes(most)), 413)
    assert [one["name"] for one in lab.get(files).json()["items"]] == ["a.jpg"]
