"""Routes of files below roots: every kind of caller, contents, versions, errors, and git."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.people.feature import PROJECTS
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

from ...file_paths import ESCAPES, plant_escapes
from .remotes import add_commit, make_remote, read_remote

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from ...api.conftest import Host

CONFIG, SECRET = "/files/config", "/files/secret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of root `config`, which the members of project `default` share."""
    made = tmp_path / "config"
    (made / "params").mkdir(parents=True)
    (made / "params/t1.yaml").write_text("Q00: 31.5\n")
    return made


@pytest.fixture
def settings(tmp_path: Path, folder: Path) -> Settings:
    remote = make_remote(tmp_path / "remote.git", {b"a.yaml": b"a: 1\n"})
    (tmp_path / "tree").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/plan.txt").write_text("soon")
    return Settings(
        home=tmp_path / "home",
        file_roots={
            "config": {"path": folder, "projects": ["default"]},
            "secret": {"path": tmp_path / "secret"},
            "tree": {"path": tmp_path / "tree", "projects": ["default"], "remote_url": remote.as_uri()},
        },
    )


def get_refusal(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def put(client: TestClient, path: str, contents: bytes | str, root: str = CONFIG, **headers: str) -> Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.put(f"{root}/content", params={"path": path}, content=contents, headers=sent)


def list_names(client: TestClient, root: str = CONFIG, path: str = "") -> list[str]:
    answer = client.get(f"{root}/entries", params={"path": path})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


def test_a_viewer_reads_what_an_editor_writes(viewer: TestClient, editor: TestClient, folder: Path) -> None:
    roots: list[dict[str, Any]] = viewer.get("/files").json()["items"]
    assert [(one["name"], one["writable"]) for one in roots] == [
        ("config", False),
        ("executions", False),
        ("tree", False),
    ]
    assert list_names(viewer, path="params") == ["t1.yaml"]
    shown = viewer.get(f"{CONFIG}/preview", params={"path": "params/t1.yaml"}).json()
    assert (shown["kind"], shown["language"], shown["text"], shown["writable"]) == (
        "text",
        "yaml",
        "Q00: 31.5\n",
        False,
    )
    written = put(editor, "params/t1.yaml", "Q00: 33\n", if_match=f'"{shown["sha256"]}"')
    assert written.status_code == 200, written.text
    assert written.json()["username"] == "editor"
    read = viewer.get(f"{CONFIG}/content", params={"path": "params/t1.yaml"})
    assert read.content == b"Q00: 33\n" == (folder / "params/t1.yaml").read_bytes()
    assert read.headers["etag"] == written.headers["etag"]
    assert read.headers["content-disposition"] == 'attachment; filename="t1.yaml"'
    assert read.headers["content-type"] == "application/octet-stream"
    assert read.headers["x-content-type-options"] == "nosniff"


def test_a_viewer_changes_nothing(viewer: TestClient, folder: Path) -> None:
    for answer in (
        put(viewer, "params/t1.yaml", "a: 1\n", if_match="*"),
        viewer.delete(f"{CONFIG}/content", params={"path": "params/t1.yaml"}),
        viewer.post(f"{CONFIG}/restore", json={"path": "params/t1.yaml", "version": "1"}),
        viewer.post("/files/tree/commit", json={"reason": "mine"}),
        viewer.post("/files/tree/pull"),
        viewer.post("/files/tree/push"),
    ):
        get_refusal(answer, 403)
    assert (folder / "params/t1.yaml").read_text() == "Q00: 31.5\n"


def test_a_root_without_projects_is_for_administrators(
    editor: TestClient, administrator: TestClient, host: Host
) -> None:
    assert list_names(administrator, SECRET) == ["plan.txt"]
    for client in (editor, host.connect_as("owner", TokenScope.WRITE)):
        assert "there is no root 'secret'" in get_refusal(client.get(f"{SECRET}/entries"), 404)
        assert "there is no root 'secret'" in get_refusal(put(client, "x.txt", "x", SECRET), 404)


def test_a_member_of_another_project_sees_no_root_of_this_one(host: Host) -> None:
    host.qdash.get(PROJECTS).create("elsewhere", username="viewer")
    client = host.connect_as("viewer")
    client.headers["x-project-id"] = "elsewhere"
    assert [one["name"] for one in client.get("/files").json()["items"]] == ["executions"]
    get_refusal(client.get(f"{CONFIG}/entries"), 404)


def test_an_invalid_edit_is_refused_with_its_line(editor: TestClient, folder: Path) -> None:
    answer = put(editor, "params/t1.yaml", "Q00: 31.5\nQ01: [1, 2\nQ02: 3\n", if_match="*")
    assert "params/t1.yaml, line 3, column" in get_refusal(answer, 422)
    assert answer.json()["errors"][0]["place"].startswith("line 3, column")
    assert (folder / "params/t1.yaml").read_text() == "Q00: 31.5\n"
    checked = editor.post(f"{CONFIG}/check", params={"path": "a.json"}, content='{"a": 1,\n "a": 2}').json()
    assert (checked["format"], checked["valid"], checked["problem"]["line"]) == ("json", False, 2)
    assert list_names(editor) == ["params"]


def test_a_stale_edit_is_refused(editor: TestClient, host: Host, folder: Path) -> None:
    seen = editor.get(f"{CONFIG}/content", params={"path": "params/t1.yaml"}).headers["etag"]
    other = host.connect_as("owner")
    assert put(other, "params/t1.yaml", "Q00: 1\n", if_match=seen).status_code == 200
    stale, path = {"if-match": seen}, {"path": "params/t1.yaml"}
    for answer in (
        put(editor, path["path"], "Q00: 2\n", if_match=seen),
        editor.delete(f"{CONFIG}/content", params=path, headers=stale),
        editor.post(f"{CONFIG}/restore", json={**path, "version": "1"}, headers=stale),
    ):
        assert "was changed since it was read" in get_refusal(answer, 412)
    assert "is there already" in get_refusal(put(editor, "params/t1.yaml", "Q00: 2\n"), 409)
    assert (folder / "params/t1.yaml").read_text() == "Q00: 1\n"


def test_the_history_keeps_every_contents(editor: TestClient, viewer: TestClient, folder: Path) -> None:
    path = {"path": "params/t1.yaml"}
    put(editor, path["path"], "Q00: 33\n", if_match="*")
    (folder / path["path"]).write_text("Q00: 34\n")
    assert editor.delete(f"{CONFIG}/content", params={**path, "reason": "old"}).json()["change"] == "deleted"
    get_refusal(viewer.get(f"{CONFIG}/content", params=path), 404)
    versions = viewer.get(f"{CONFIG}/versions", params=path).json()["items"]
    assert [(one["version"], one["change"], one.get("username")) for one in versions] == [
        ("4", "deleted", "editor"),
        ("3", "found", None),
        ("2", "written", "editor"),
        ("1", "found", None),
    ]
    found = viewer.get(f"{CONFIG}/content", params={**path, "version": "2"})
    assert found.content == b"Q00: 33\n"
    assert found.headers["etag"].strip('"') == sha256(found.content).hexdigest()
    compared = viewer.get(f"{CONFIG}/difference", params={**path, "before": "1", "after": "3"}).json()
    assert "-Q00: 31.5\n+Q00: 34\n" in compared["difference"]
    restored = editor.post(f"{CONFIG}/restore", json={**path, "version": "1"}).json()
    assert (restored["version"], restored["restored_from"]) == ("5", "1")
    assert (folder / path["path"]).read_text() == "Q00: 31.5\n"
    first = viewer.get(f"{CONFIG}/versions", params={**path, "limit": 2}).json()
    rest = viewer.get(f"{CONFIG}/versions", params={**path, "after": first["next"]}).json()
    assert [one["version"] for one in (*first["items"], *rest["items"])] == ["5", "4", "3", "2", "1"]


def test_large_and_binary_files_are_uploaded(editor: TestClient, viewer: TestClient) -> None:
    contents = bytes(range(256)) * 8192
    assert put(editor, "new/raw.bin", contents).status_code == 200
    assert viewer.get(f"{CONFIG}/content", params={"path": "new/raw.bin"}).content == contents
    assert viewer.get(f"{CONFIG}/preview", params={"path": "new/raw.bin"}).json()["kind"] == "binary"
    assert put(editor, "new/raw.bin", bytes(4 * 2**20 + 1), if_match="*").status_code == 413


def test_arrays_images_and_tables_are_previewed(viewer: TestClient, folder: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, delay=np.arange(1000.0), iq=np.array([1 + 2j, np.nan]))
    (folder / "raw.npz").write_bytes(buffer.getvalue())
    (folder / "a.csv").write_text("qid,t1\n0,31.5\n")
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n....")
    (folder / "a.svg").write_text("<svg onload='alert(1)'/>")

    def preview(path: str) -> dict[str, Any]:
        found: dict[str, Any] = viewer.get(f"{CONFIG}/preview", params={"path": path}).json()
        return found

    delay, iq = preview("raw.npz")["arrays"]
    assert (delay["name"], delay["shape"], delay["dtype"], delay["values"][:2]) == (
        "delay",
        [1000],
        "float64",
        ["0.0", "1.0"],
    )
    assert iq["values"] == ["(1+2j)", "(nan+0j)"]
    assert preview("a.csv")["table"] == {"columns": ["qid", "t1"], "rows": [["0", "31.5"]]}
    assert preview("a.png")["media_type"] == "image/png"
    assert preview("a.svg")["kind"] == "text"


@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(ESCAPES[::8], id="some"),
        pytest.param(ESCAPES, id="all", marks=pytest.mark.slow),
    ],
)
def test_no_path_leaves_its_root(
    administrator: TestClient, folder: Path, tmp_path: Path, subtests: pytest.Subtests, paths: tuple[str, ...]
) -> None:
    outside = plant_escapes(folder, tmp_path)
    before = {one: one.read_bytes() for one in outside}
    for path in paths:
        with subtests.test(repr(path)):
            for answer in (
                administrator.get(f"{CONFIG}/content", params={"path": path}),
                administrator.get(f"{CONFIG}/preview", params={"path": path}),
                administrator.get(f"{CONFIG}/versions", params={"path": path}),
                put(administrator, path, "a: 1\n", if_match="*"),
                administrator.delete(f"{CONFIG}/content", params={"path": path}),
            ):
                assert answer.status_code in (404, 422), answer.text
                assert "secret" not in answer.text.replace(path, "")
                assert str(tmp_path) not in answer.text
            assert {one: one.read_bytes() for one in outside} == before


def test_writes_are_in_the_audit_log(editor: TestClient, owner: TestClient) -> None:
    put(editor, "params/t1.yaml", "Q00: 33\n", if_match="*")
    [row] = [one for one in owner.get("/audit").json()["items"] if one["username"] == "editor"]
    assert (row["method"], row["path"], row["status"]) == ("PUT", "/files/config/content", 200)


def test_git_commits_of_editors_are_pushed_by_administrators(
    editor: TestClient, administrator: TestClient, host: Host, tmp_path: Path
) -> None:
    get_refusal(editor.post("/files/tree/pull"), 403)
    get_refusal(host.connect_as("owner", TokenScope.WRITE).post("/files/tree/push"), 403)
    assert administrator.post("/files/tree/pull").json()["files"] == ["a.yaml"]
    assert put(editor, "a.yaml", "a: 2\n", "/files/tree", if_match="*").status_code == 200
    assert editor.get("/files/tree/status").json()["changed"] == [{"path": "a.yaml", "change": "changed"}]
    made = editor.post("/files/tree/commit", json={"reason": "Night 3"}).json()
    assert made["files"] == ["a.yaml"]
    [newest, *_] = editor.get("/files/tree/versions", params={"path": "a.yaml"}).json()["items"]
    assert (newest["version"], newest["username"], newest["reason"]) == (made["commit"], "editor", "Night 3")
    assert administrator.post("/files/tree/push").json()["files"] == ["a.yaml"]
    assert read_remote(tmp_path / "remote.git", "a.yaml") == b"a: 2\n"


def test_a_conflicting_pull_is_refused_and_changes_nothing(administrator: TestClient, tmp_path: Path) -> None:
    administrator.post("/files/tree/pull")
    put(administrator, "a.yaml", "a: 2\n", "/files/tree", if_match="*")
    administrator.post("/files/tree/commit", json={"reason": "ours"})
    add_commit(tmp_path / "remote.git", {b"a.yaml": b"a: 3\n", b"b.yaml": b"b: 1\n"})
    assert "a.yaml changed in root tree and in branch main" in get_refusal(
        administrator.post("/files/tree/pull"), 409
    )
    assert "pull first" in get_refusal(administrator.post("/files/tree/push"), 409)
    assert list_names(administrator, "/files/tree") == ["a.yaml"]
    assert (tmp_path / "tree/a.yaml").read_text() == "a: 2\n"


def test_git_and_settings_are_hidden(administrator: TestClient, tmp_path: Path) -> None:
    administrator.post("/files/tree/pull")
    assert (tmp_path / "tree/.git/config").exists()
    assert list_names(administrator, "/files/tree") == ["a.yaml"]
    for path in (".git/config", ".GIT/hooks/pre-commit", "qdash.toml"):
        get_refusal(put(administrator, path, "[core]\n", "/files/tree"), 422)
