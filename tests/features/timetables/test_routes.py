"""Timetables over HTTP: creation, listing, display, changes, pause, manual start and removal."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.timetables.feature import TIMETABLE_CLOCK, TIMETABLES
from qdash_builtin.timetables.models.timetable import Cron
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.request import RunRequest

from ...api.chip_samples import get_refusal, list_all
from ...api.shared_host import clients, editor, host, project, viewer
from ...case_tables import each_case
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

REQUEST = {"flow": "Measure", "chip_id": CHIP, "targets": {"qubits": ["0", "1"]}}
NIGHTLY = {"kind": "cron", "expression": "0 2 * * *"}
SIX_HOURS = {"kind": "interval", "every_s": 21_600.0}
BEFORE = "2020-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Tasks of the bench, which need no laboratory."""
    return make_registry((make_task(),), [make_backend_by_chip()], http_host=True)


@pytest.fixture
def chip(host: Host, project: str) -> str:
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench", controls={"2-3": "3"})
    return CHIP


pytestmark = pytest.mark.usefixtures("chip")


def make_body(name: str = "night", **more: Any) -> dict[str, Any]:
    return {"name": name, "request": REQUEST, "when": NIGHTLY, "timezone": "Asia/Tokyo", **more}


def create_timetable(client: TestClient, name: str = "night", **more: Any) -> dict[str, Any]:
    answer = client.post("/timetables", json=make_body(name, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def list_starts(timetable: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(one) for one in timetable["next_starts"]]


def test_a_timetable_shows_its_user_and_its_next_runs(editor: TestClient, viewer: TestClient) -> None:
    timetable = create_timetable(editor, missed="once", begin_within_s=7200.0)
    assert {name: timetable[name] for name in ("username", "missed", "begin_within_s", "paused")} == {
        "username": "editor",
        "missed": "once",
        "begin_within_s": 7200.0,
        "paused": False,
    }
    starts = list_starts(timetable)
    assert [(one.hour, one.minute) for one in starts] == [(17, 0)] * 3  # two o'clock in Tokyo
    assert {after - before for before, after in pairwise(starts)} == {timedelta(days=1)}
    assert "last" not in timetable
    shown = viewer.get("/timetables/night")
    assert shown.json() == timetable
    assert shown.headers["etag"]


def test_a_timetable_sends_digests_in_place_of_runs(editor: TestClient, viewer: TestClient) -> None:
    digest = {"chip_id": CHIP, "since": "18:00"}
    body = {"name": "morning", "digest": digest, "when": NIGHTLY}
    made = editor.post("/timetables", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["digest"] == digest
    assert "request" not in made.json()
    assert viewer.get("/timetables/morning").json() == made.json()
    edited = editor.patch("/timetables/morning", json={"digest": {"chip_id": CHIP}})
    assert edited.json()["digest"] == {"chip_id": CHIP}
    for refused in (
        editor.post("/timetables/morning/start"),
        editor.patch("/timetables/morning", json={"request": REQUEST}),
        editor.post("/timetables", json=make_body("both", digest=digest)),
        editor.post("/timetables", json={"name": "neither", "when": NIGHTLY}),
        editor.post("/timetables", json={**body, "name": "odd", "digest": {**digest, "since": "soon"}}),
    ):
        assert refused.status_code == 422, refused.text


def test_timetables_are_listed_by_name_within_the_project(editor: TestClient, viewer: TestClient) -> None:
    for name in ("c", "a", "b"):
        create_timetable(editor, name)
    assert [one["name"] for one in list_all(viewer, "/timetables")] == ["a", "b", "c"]


@each_case(
    ("wrong", "status", "said"),
    [
        ({"name": "two words"}, 422, "timetable name 'two words'"),
        ({"request": {**REQUEST, "chip_id": "nowhere"}}, 404, "nowhere"),
        ({"request": {**REQUEST, "flow": "NoSuchTask"}}, 404, "NoSuchTask"),
        ({"request": {**REQUEST, "flow": "flows.py:night"}}, 422, "names a file of the host's machine"),
        ({"request": {**REQUEST, "username": "owner"}}, 403, "the request is one of 'owner'"),
        ({"when": {"kind": "cron", "expression": "61 * * * *"}}, 422, "cron expression '61 * * * *'"),
        ({"when": {"kind": "moment", "at": BEFORE}}, 422, "nothing would ever be started"),
        ({"when": {"kind": "interval", "every_s": 1.0}}, 422, "every_s"),
        ({"timezone": "Mars/Olympus"}, 422, "'Mars/Olympus' is not a known time zone"),
        ({"until": BEFORE}, 422, "nothing would ever be started"),
        ({"until": 1_900_000_000}, 422, "with a time zone"),
    ],
)
def test_an_invalid_timetable_is_refused_with_the_reason(
    editor: TestClient, wrong: dict[str, Any], status: int, said: str
) -> None:
    answer = editor.post("/timetables", json=make_body(**wrong))
    get_refusal(answer, status)
    assert said in answer.text
    assert editor.get("/timetables").json()["items"] == []


def test_a_timetable_of_a_file_is_neither_started_nor_timed_over_a_network(
    host: Host, project: str, editor: TestClient, tmp_path: Path
) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def mine(chip_id): ...\n")
    request = RunRequest(chip_id=CHIP, flow=str(file))
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(TIMETABLES).add(access, "night", request, Cron(expression="0 2 * * *"))
    for refused in (
        editor.post("/timetables/night/start"),
        editor.patch("/timetables/night", json={"when": SIX_HOURS}),
    ):
        assert "names a file of the host's machine" in get_refusal(refused, 422)
    assert editor.patch("/timetables/night", json={"paused": True}).json()["paused"]
    assert editor.get("/queue").json()["items"] == []


def test_a_duplicate_name_is_refused(editor: TestClient) -> None:
    create_timetable(editor)
    assert "exists already" in get_refusal(editor.post("/timetables", json=make_body()), 409)


def test_an_edit_changes_only_the_given_fields(editor: TestClient) -> None:
    before = create_timetable(editor, begin_within_s=600.0, until="2100-01-01T00:00:00Z")
    edited = editor.patch("/timetables/night", json={"when": SIX_HOURS, "until": None})
    assert edited.status_code == 200, edited.text
    after = edited.json()
    assert after["when"] == {**SIX_HOURS, "anchor": after["when"]["anchor"]}
    assert "until" not in after
    kept = ("request", "timezone", "missed", "begin_within_s", "created_at")
    assert [after[name] for name in kept] == [before[name] for name in kept]


def test_a_paused_timetable_starts_nothing_until_it_is_resumed(editor: TestClient) -> None:
    create_timetable(editor)
    paused = editor.patch("/timetables/night", json={"paused": True}).json()
    assert (paused["paused"], paused["next_starts"]) == (True, [])
    resumed = editor.patch("/timetables/night", json={"paused": False}).json()
    assert (resumed["paused"], len(resumed["next_starts"])) == (False, 3)


def test_a_stale_edit_does_not_pause_a_timetable(editor: TestClient) -> None:
    create_timetable(editor)
    seen = {"if-match": editor.get("/timetables/night").headers["etag"]}
    editor.patch("/timetables/night", json={"missed": "once"})
    refused = editor.patch("/timetables/night", json={"paused": True}, headers=seen)
    assert "was changed since it was read" in get_refusal(refused, 412)


def test_a_start_between_read_and_edit_does_not_refuse_the_edit(editor: TestClient) -> None:
    create_timetable(editor)
    seen = {"if-match": editor.get("/timetables/night").headers["etag"]}
    assert editor.post("/timetables/night/start").status_code == 202
    assert editor.patch("/timetables/night", json={"paused": True}, headers=seen).status_code == 200


def test_a_manual_start_queues_a_run(editor: TestClient, viewer: TestClient) -> None:
    create_timetable(editor)
    answer = editor.post("/timetables/night/start")
    assert answer.status_code == 202, answer.text
    execution_id = answer.json()["execution_id"]
    (waiting,) = viewer.get("/queue").json()["items"]
    assert (waiting["execution_id"], waiting["username"]) == (execution_id, "editor")
    shown = viewer.get("/timetables/night").json()
    assert shown["execution_id"] == execution_id
    assert (shown["last"]["became"], shown["last"]["why"]) == ("started", "by editor, by hand")


def test_a_timetable_is_not_started_while_its_last_run_has_not_ended(editor: TestClient) -> None:
    create_timetable(editor)
    execution_id = editor.post("/timetables/night/start").json()["execution_id"]
    again = get_refusal(editor.post("/timetables/night/start"), 409)
    assert f"its last start, execution {execution_id}, waits still" in again


def test_a_due_run_is_started_by_the_timetable_clock_and_shown(
    host: Host, editor: TestClient, viewer: TestClient
) -> None:
    due, *_ = list_starts(create_timetable(editor))
    host.qdash.get(TIMETABLE_CLOCK).handle_due(due + timedelta(seconds=1))
    shown = viewer.get("/timetables/night").json()
    assert shown["last"]["became"] == "started"
    assert datetime.fromisoformat(shown["last"]["at"]) == due
    host.qdash.get(TIMETABLE_CLOCK).handle_due(due + timedelta(days=1, seconds=1))
    skipped = viewer.get("/timetables/night").json()
    assert skipped["last"]["became"] == "skipped"
    assert skipped["execution_id"] == shown["last"]["execution_id"]
    told_of = viewer.get("/events/recorded", params={"kind": "timetable.*"}).json()["items"]
    assert [one["kind"] for one in told_of] == ["timetable.skipped", "timetable.started", "timetable.created"]


def test_a_deleted_timetable_starts_nothing_and_its_runs_continue(
    editor: TestClient, viewer: TestClient
) -> None:
    create_timetable(editor)
    execution_id = editor.post("/timetables/night/start").json()["execution_id"]
    gone = editor.delete("/timetables/night").json()
    assert (gone["name"], gone["next_starts"]) == ("night", [])
    assert [one["execution_id"] for one in viewer.get("/queue").json()["items"]] == [execution_id]
    gone = get_refusal(viewer.get("/timetables/night"), 404)
    assert "there is no timetable 'night'" in gone
    assert "none yet" in gone


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/timetables", make_body("other")),
        ("PATCH", "/timetables/night", {"paused": True}),
        ("DELETE", "/timetables/night", None),
        ("POST", "/timetables/night/start", None),
    ],
)
def test_a_viewer_changes_and_starts_nothing(
    editor: TestClient, viewer: TestClient, method: str, path: str, sent: Any
) -> None:
    before = create_timetable(editor)
    get_refusal(viewer.request(method, path, json=sent), 403)
    assert viewer.get("/timetables").json()["items"] == [before]
