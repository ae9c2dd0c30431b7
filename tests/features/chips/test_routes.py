"""Chips over HTTP: creation, display, concurrent changes, export, import, removal."""

from __future__ import annotations

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.people.repositories.audit import AuditRepository
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.task import Verdict
from qdash_core.models.token import TokenScope
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

from ...api.chip_samples import LAYOUT, LINES, get_refusal, list_all, make_chip, measure
from ...api.shared_host import clients, editor, host, project, viewer
from ...case_tables import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]


def test_a_chip_is_created_listed_shown_and_deleted(editor: TestClient, viewer: TestClient) -> None:
    design = {"qubits": {"0": {"qubit_frequency": 5.1}}}
    made = make_chip(editor, wiring={"lines": [LINES]}, design=design)
    shown = viewer.get("/chips/a").json()
    assert shown == made
    assert shown["couplings"] == {"0-1": {"status": "pending", "control": None, "fitness": "unknown"}}
    assert shown["qubits"]["0"]["design"] == {"qubit_frequency": {"value": 5.1, "unit": "GHz"}}
    assert viewer.get("/chips/a/topology").json() == LAYOUT
    assert viewer.get("/chips/a/wiring").json() == {"lines": [LINES], "boxes": {}}
    for name in "bcd":
        assert editor.post("/chips", json={"chip_id": name, "topology": "linear-16"}).status_code == 201
    assert [chip["chip_id"] for chip in list_all(viewer, "/chips")] == ["d", "c", "b", "a"]
    assert viewer.get("/chips/b/deletion-impact").json()["removed"]["qubit"] == 16
    assert editor.delete("/chips/b").json()["deleted"]
    get_refusal(viewer.get("/chips/b"), 404)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"chip_id": "a", "topology": LAYOUT}, 409, "exists already"),
        ({"chip_id": "../b", "topology": LAYOUT}, 422, "chip id"),
        ({"chip_id": "b", "topology": "/etc/passwd"}, 404, "no topology"),
        ({"chip_id": "b", "topology": "linear-999999"}, 404, "the largest"),
        ({"chip_id": "b", "topology": LAYOUT, "backend": "nobody"}, 404, "nobody"),
        (
            {"chip_id": "b", "topology": LAYOUT, "wiring": {"lines": [{**LINES, "mux": 3}]}},
            422,
            "no such multiplexer",
        ),
        ({"chip_id": "b", "topology": LAYOUT, "color": "red"}, 422, "color"),
    ],
)
def test_an_invalid_chip_is_refused_and_nothing_is_created(
    editor: TestClient, body: dict[str, object], status: int, said: str
) -> None:
    make_chip(editor)
    assert said in get_refusal(editor.post("/chips", json=body), status)
    assert len(list_all(editor, "/chips")) == 1


def test_an_unchanged_chip_is_answered_with_304(host: Host, editor: TestClient) -> None:
    make_chip(editor)
    for path in ("/chips/a", "/metrics/chips/a", "/chips/a/qubits/0"):
        tag = editor.get(path).headers["etag"]
        known = {"if-none-match": tag}
        again = editor.get(path, headers=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert editor.get(path, headers={"if-none-match": f'"x", W/{tag}'}).status_code == 304
        editor.post("/chips/a/qubits/0/exclusion", json={"note": "open line"}).raise_for_status()
        assert editor.get(path, headers=known).status_code == 200
        editor.delete("/chips/a/qubits/0/exclusion", params={"note": "mended"}).raise_for_status()
    with host.qdash.store.transaction() as transaction:
        transaction.delete("event", {})
    tag = editor.get("/chips/a").headers["etag"]
    unknown = editor.get("/chips/a", headers={"if-none-match": tag})
    assert unknown.status_code == 200, "without events nobody knows whether anything was changed"


def test_of_two_concurrent_edits_the_second_is_refused(editor: TestClient) -> None:
    make_chip(editor)
    read = {"if-match": editor.get("/chips/a").headers["etag"]}
    first = editor.patch("/chips/a", json={"topology_id": "linear-2"}, headers=read)
    assert (first.status_code, first.json()["topology_id"]) == (200, "linear-2")
    late = editor.put("/chips/a/wiring", json={"lines": [LINES]}, headers=read)
    assert "was changed since it was read" in get_refusal(late, 412)
    assert late.json()["type"] == "/problems/stale"
    get_refusal(editor.get("/chips/a/wiring"), 404)
    now = {"if-match": first.headers["etag"]}
    assert editor.put("/chips/a/wiring", json={"lines": [LINES]}, headers=now).status_code == 200
    get_refusal(editor.patch("/chips/a/design", json={"qubits": {"1": {"hpi_length": 20}}}, headers=now), 412)
    assert editor.patch("/chips/a", json={"note": "glued"}).status_code == 200, "who asks for nothing is last"
    get_refusal(editor.patch("/chips/a", json={}, headers={"if-match": '"what?"'}), 422)


@pytest.mark.slow  # the backend's data about a chip import its whole library
def test_design_values_are_changed_only_in_the_version_that_was_read(editor: TestClient) -> None:
    make_chip(editor)
    read = {"if-match": editor.get("/chips/a/design").headers["etag"]}
    changed = editor.patch("/chips/a/design", json={"qubits": {"1": {"qubit_frequency": 5.2}}}, headers=read)
    assert changed.json()["qubits"]["1"]["qubit_frequency"] == {"value": 5.2, "unit": "GHz"}
    assert editor.get("/chips/a/design").json() == changed.json()
    get_refusal(editor.patch("/chips/a/design", json={"qubits": {}}, headers=read), 412)
    get_refusal(editor.patch("/chips/a/design", json={"qubits": {"1": {"qubit_frequency": 5.2e9}}}), 422)


def test_concurrent_writers_lose_no_write(host: Host, editor: TestClient) -> None:
    make_chip(editor)
    clients = [editor] * 5

    def write(number: int) -> None:
        client = clients[number % len(clients)]
        while True:
            read = client.get("/chips/a/note")
            content = read.json().get("note", {}).get("content", "")
            written = client.put(
                "/chips/a/note",
                json={"content": f"{content} {number}"},
                headers={"if-match": read.headers["etag"]},
            )
            if written.status_code == 200:
                return
            get_refusal(written, 412)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(8)))
    content = editor.get("/chips/a/note").json()["note"]["content"]
    assert sorted(map(int, content.split())) == [*range(8)]


def test_several_targets_are_excluded_and_included_at_once_or_not_at_all(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    path, both = "/chips/a/target-statuses", ["0", "1-0"]
    excluded = editor.post(path, json={"targets": both, "note": "open line"}).json()["targets"]
    assert [(one["target_id"], one["status"]) for one in excluded] == [("0", "excluded"), ("0-1", "excluded")]
    get_refusal(editor.post(path, json={"targets": ["0", "1"], "status": "included", "note": "mended"}), 409)
    get_refusal(editor.post(path, json={"targets": ["1", "9"], "status": "dead", "note": "open line"}), 404)
    get_refusal(viewer.post(path, json={"targets": both, "status": "included", "note": "mended"}), 403)
    chip = viewer.get("/chips/a").json()
    assert [chip["qubits"][one]["status"] for one in "01"] == ["excluded", "pending"]
    editor.post(path, json={"targets": both, "status": "included", "note": "mended"}).raise_for_status()
    repositories = Repositories(host.qdash.store)
    events = [
        one
        for one in repositories.of(EventRepository).list_since(project, 0)
        if one.data.get("changed") == "status"
    ]
    assert [one.data["targets"] for one in events] == [["0"], ["0-1"], ["0"], ["0-1"]]
    rows = repositories.of(AuditRepository).page({}, PageRequest(limit=3), lambda _: True).items
    assert [(one.path, one.status) for one in reversed(rows)] == [
        (path, 200),
        ("/chips/a/qubits/0/exclusion", 200),
        ("/chips/a/couplings/0-1/exclusion", 200),
    ]


def test_changes_of_chips_are_events(host: Host, project: str, editor: TestClient) -> None:
    make_chip(editor)
    editor.patch("/chips/a", json={"topology_id": "linear-2"})
    editor.put("/chips/a/wiring", json={"lines": [LINES]})
    host.qdash.get(CHIPS).set_design(
        host.qdash.access("editor", project), "a", {"0-1": {"zx90_gate_time": 300.0}}
    )
    editor.post("/chips/a/couplings/1-0/exclusion", json={"note": "weak", "status": "dead"})
    editor.post("/cryostats", json={"cryo_id": "K"})
    editor.post("/cooldowns", json={"cooldown_id": "1", "cryo_id": "K", "chip_ids": ["a"]})
    editor.delete("/cooldowns/1/chips/a")
    editor.delete("/chips/a", params={"force": True}).raise_for_status()
    recorded = Repositories(host.qdash.store).of(EventRepository).list_since(project, 0)
    found = [one for one in recorded if one.kind.startswith("chip.")]
    assert [(one.kind, one.data.get("changed")) for one in found] == [
        ("chip.created", None),
        *(
            ("chip.changed", what)
            for what in ("topology", "wiring", "design", "status", "cooldown", "cooldown")
        ),
        ("chip.deleted", None),
    ]
    assert {one.data["username"] for one in found} == {"editor"}
    assert found[4].data["targets"] == ["0-1"]


def test_a_target_shows_its_values_and_the_newest_result_of_each_task(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    measure(host.qdash, project, 1)
    measure(host.qdash, project, 2, verdict=Verdict.FLAGGED)
    editor.put("/chips/a/qubits/0/note", json={"content": "odd"})
    shown = viewer.get("/chips/a/qubits/Q00").json()
    assert (shown["id"], shown["mux"], shown["note"]["content"]) == ("0", 0, "odd")
    assert shown["values"]["t1"]["value"] == 81.0
    assert shown["results"]["CheckT1"]["task_id"] == "r2"
    assert viewer.get("/chips/a/couplings/0-1").json()["values"] == {}
    assert [one["id"] for one in list_all(viewer, "/chips/a/qubits", 1)] == ["0", "1"]
    assert [one["id"] for one in list_all(viewer, "/chips/a/couplings")] == ["0-1"]
    get_refusal(viewer.get("/chips/a/qubits/7"), 404)
    get_refusal(viewer.get("/chips/a/qubits/0-1"), 422)
    get_refusal(viewer.get("/chips/b/qubits"), 404)


def test_a_chip_of_an_uninstalled_backend_is_refused(project: str, editor: TestClient) -> None:
    make_chip(editor)
    absent = editor.get("/chips/a/export").json() | {"chip_id": "b", "backend": "absent"}
    get_refusal(editor.post("/chips/import", json=absent), 404)
    get_refusal(editor.post("/chips", json={"chip_id": "b", "topology": LAYOUT, "backend": "absent"}), 404)
    get_refusal(editor.get("/chips/b"), 404)


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_an_exported_chip_can_be_imported(host: Host, project: str, editor: TestClient, format_: str) -> None:
    make_chip(editor, wiring={"lines": [LINES]}, design={"qubits": {"1": {"qubit_frequency": 5.1}}})
    measure(host.qdash, project, 1, at=utc_now())
    editor.post("/chips/a/qubits/1/exclusion", json={"note": "open line"})
    file = editor.get("/chips/a/export", params={"format": format_})
    assert file.headers["content-disposition"] == f'attachment; filename="a.{format_}"'
    made = editor.post(
        "/chips/import",
        params={"chip_id": "b"},
        content=file.content,
        headers={"content-type": "text/plain"},
    )
    assert made.status_code == 201, made.text
    if format_ == "json":
        get_refusal(editor.post("/chips/import", json=file.json()), 409)
        assert editor.post("/chips/import?chip_id=c", json=file.json()).status_code == 201
    ours, theirs = (editor.get(f"/chips/{name}/export").json() for name in "ab")
    assert ours.pop("chip_id") == "a"
    assert theirs.pop("chip_id") == "b"
    assert theirs == ours
    assert theirs["status"] == {"1": "excluded"}
    get_refusal(
        editor.post("/chips/import", content=file.content, headers={"content-type": "text/plain"}), 409
    )


def test_a_chip_is_exported_as_table_layout_and_archive(host: Host, project: str, editor: TestClient) -> None:
    make_chip(editor)
    measure(host.qdash, project, 1)
    assert editor.get("/chips/a/export?format=csv").text.splitlines()[1].startswith("qubit,0,t1,81.0,1.5,us")
    assert editor.get("/chips/a/export?format=topology").json() == LAYOUT
    archive = zipfile.ZipFile(io.BytesIO(editor.get("/chips/a/export?format=zip").content))
    assert json.loads(archive.read("a/chip.json")) == editor.get("/chips/a/export").json()
    get_refusal(editor.get("/chips/a/export?format=pickle"), 422)


def test_a_file_is_compared_with_a_chip_and_imported_on_request(
    host: Host, project: str, editor: TestClient
) -> None:
    make_chip(editor)
    measure(host.qdash, project, 1, at=utc_now())
    exported = editor.get("/chips/a/export").json()
    exported["qubits"]["0"]["t1"]["value"] = 90.0
    file, query = json.dumps(exported), "name=a.json&chip_id=a&only=t1&only=0"
    seen = editor.post(f"/imports/comparison?{query}", content=file).json()
    (one,) = seen["numbers"]
    assert (seen["written"], one["standing"], one["file"]["value"], one["chip"]["value"]) == (
        False,
        "differs",
        90.0,
        81.0,
    )
    assert one["sigmas"] == pytest.approx(9.0 / (1.5 * 2**0.5))
    assert editor.get("/chips/a/export").json()["qubits"]["0"]["t1"]["value"] == 81.0
    done = editor.post(f"/imports?{query}", content=file).json()
    assert done["written"]
    known = editor.get("/chips/a/export").json()["qubits"]["0"]["t1"]
    assert (known["value"], known["execution_id"]) == (90.0, done["execution_id"])
    assert editor.post(f"/imports?{query}", content=file).json()["written"] is False
    get_refusal(editor.post("/imports/comparison?name=a.txt&chip_id=a", content="{"), 422)


def test_a_file_is_compared_and_imported_as_it_was_seen(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    measure(host.qdash, project, 1, at=utc_now())
    file, query = "target,parameter,value,unit\n0,t1,90.0,us\n", "name=values.csv&chip_id=a&only=t1"
    seen = viewer.post(f"/imports/comparison?{query}&source=nights/values.csv", content=file).json()
    assert (seen["written"], seen["path"], seen["n_changes"]) == (False, "nights/values.csv", 1)
    get_refusal(viewer.post(f"/imports?{query}", content=file), 403)
    measure(host.qdash, project, 2, at=utc_now())
    asked = f"/imports?{query}&source=nights/values.csv&basis="
    assert "was changed since" in get_refusal(editor.post(asked + seen["basis"], content=file), 412)
    seen = editor.post(f"/imports/comparison?{query}", content=file).json()
    get_refusal(editor.post(asked + seen["basis"], content=file.replace("90.0", "91.0")), 412)
    done = editor.post(asked + seen["basis"], content=file).json()
    assert (done["written"], done["execution_id"] != "") == (True, True)
    assert editor.get("/chips/a/export").json()["qubits"]["0"]["t1"]["value"] == 90.0


def test_a_file_becomes_a_new_chip_with_the_backend_of_the_request(editor: TestClient) -> None:
    make_chip(editor)
    file = editor.get("/chips/a/export").content
    asked = "/imports?name=a.json&new_id=b&backend="
    get_refusal(editor.post(f"{asked}nobody", content=file), 404)
    done = editor.post(f"{asked}fake", content=file).json()
    assert (done["makes_a_chip"], done["written"]) == (True, True)
    assert editor.get("/chips/b").json()["backend"] == "fake"
    get_refusal(editor.post(f"{asked}fake", content=file), 409)


@pytest.mark.parametrize(
    "asked",
    [
        "name=none.json&source={path}",
        "name={path}",
        "name=..",
        "name=..%2Flayout.json",
        "name=a%5Clayout.json",
        "name=a%0Ab.json",
    ],
)
def test_an_import_reads_no_file_of_the_host(editor: TestClient, tmp_path: Path, asked: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(json.dumps(LAYOUT))
    for contents in ("", json.dumps(LAYOUT)) if "source" not in asked else ("",):
        said = get_refusal(
            editor.post(f"/imports?{asked.format(path=path)}&new_id=b&backend=fake", content=contents), 422
        )
        assert "is empty" in said or "is no name of a file" in said


@pytest.mark.parametrize("name", ["../layout.json", "/layout.json", "a/../../layout.json"])
def test_an_archive_leads_nowhere_outside(editor: TestClient, name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, json.dumps(LAYOUT))
    get_refusal(editor.post("/imports/comparison?name=lab.zip&new_id=b", content=buffer.getvalue()), 422)


def test_older_values_are_imported_on_request(host: Host, project: str, editor: TestClient) -> None:
    make_chip(editor)
    measure(host.qdash, project, 1)
    exported = editor.get("/chips/a/export").json()
    known = exported["qubits"]["0"]["t1"]
    known |= {"value": 90.0, "calibrated_at": "2020-01-01T00:00:00Z"}
    file, route = json.dumps(exported), "/imports?name=a.json&chip_id=a&only=t1&only=0"
    seen = editor.post(route, content=file).json()
    (one,) = seen["numbers"]
    assert (seen["written"], one["standing"], one["file"]["measured_at"][:4]) == (False, "older", "2020")
    assert one["chip"]["measured_at"] > one["file"]["measured_at"]
    assert editor.post(f"{route}&older=true", content=file).json()["written"]
    assert editor.get("/chips/a/export").json()["qubits"]["0"]["t1"]["value"] == 90.0


def test_a_folder_is_imported_as_an_archive(editor: TestClient) -> None:
    make_chip(editor)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, unit, value in (("t1", "ns", 90_000), ("control_frequency", "GHz", 5.1)):
            archive.writestr(f"lab/params/LAB/{name}.yaml", f"meta: {{unit: {unit}}}\ndata: {{0: {value}}}\n")
    done = editor.post("/imports?name=lab.zip&chip_id=a", content=buffer.getvalue()).json()
    assert (done["format"], done["path"], done["written"]) == ("qubex-params", "lab.zip", True)
    assert {one["place"] for one in done["numbers"]} == {
        "params/LAB/t1.yaml, data.0",
        "params/LAB/control_frequency.yaml, data.0",
    }
    assert editor.get("/chips/a/export").json()["qubits"]["0"]["t1"]["value"] == 90.0
    assert "the archive cannot be unpacked" in get_refusal(
        editor.post("/imports?name=lab.zip&chip_id=a", content=b"none"), 422
    )


def test_formats_that_copy_files_of_the_host_require_an_administrator(
    host: Host, project: str, clients: dict[str, TestClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_chip(clients["editor"])
    measure(host.qdash, project, 1)
    for name, text in {
        "config/chip.yaml": "a: {n_qubits: 2}",
        "params/a/t1.yaml": "# of our cryostat\nmeta: {unit: us}\ndata: {0: 1.0}",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(tmp_path))
    path = "/chips/a/export?format=qubex-params"
    for client in clients.values():
        assert "administrators are given it" in get_refusal(client.get(path), 403)
    for scope, status in ((TokenScope.WRITE, 403), (TokenScope.ADMIN, 200)):
        answer = host.connect_as(DEFAULT_USER, scope).get(path, headers={"x-project-id": project})
        assert answer.status_code == status
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert b"# of our cryostat" in archive.read("a-qubex-params/params/a/t1.yaml")


def test_built_in_topologies_are_listed(viewer: TestClient) -> None:
    names = [one["name"] for one in list_all(viewer, "/topologies")]
    assert "heavy-hex-127" in names
    assert len(viewer.get("/topologies/heavy-hex-27").json()["qubits"]) == 27
    get_refusal(viewer.get("/topologies/heavy-hex-28"), 404)


FILE = {"name": "three", "qubits": LAYOUT["qubits"], "couplings": [["0", "1"]]}


def read_file(client: TestClient, text: str, name: str = "three.json") -> Response:
    return client.post("/topologies/file", params={"name": name}, content=text)


def test_the_topology_of_a_file_is_shown_and_creates_no_chip(editor: TestClient, viewer: TestClient) -> None:
    text = json.dumps(FILE)
    assert read_file(viewer, text).json() == FILE
    assert read_file(viewer, text, "three.yaml").json() == FILE  # JSON is YAML
    table = {"device": "pair", "qubits": [{"qid": "0"}, {"qid": "1"}], "couplings": []}
    assert read_file(viewer, json.dumps(table)).json()["name"] == "pair"
    make_chip(editor)
    exported = viewer.get("/chips/a/export").text
    assert read_file(viewer, exported, "a.json").json() == LAYOUT
    assert [one["chip_id"] for one in list_all(viewer, "/chips")] == ["a"]


@each_case(
    ("text", "said"),
    [
        (
            json.dumps({**FILE, "couplings": [["0", "7"]]}, indent=1),
            "couplings[0]: there is no qubit 7 (line 18)",
        ),
        ('{"name": "three",\n "qubits": [,]}', "line 2"),
        (json.dumps({**FILE, "name": "n" * 200}), "name"),
        (
            json.dumps({**FILE, "qubits": [{**FILE["qubits"][0], "row": 10**7}], "couplings": []}),
            "qubits[0].row is 10000000",
        ),
        ("[1]", "three.json"),
    ],
)
def test_an_invalid_topology_file_is_refused_with_its_place(viewer: TestClient, text: str, said: str) -> None:
    assert said in get_refusal(read_file(viewer, text), 422)
