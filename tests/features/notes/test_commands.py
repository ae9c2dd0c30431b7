"""`qdash note`: every kind of note, written, shown, listed, searched and restored."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from qdash_core import open_qdash
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...case_tables import keep_quick
from ...photographs import PLACE, make_photograph

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    """A chip with one result."""
    command.does("chip", "create", "lab", "--topology", "linear-16")
    with open_qdash() as qdash:
        qdash.repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(
                project_id="default",
                username="ann",
                chip_id="lab",
                execution_id="e",
                task_id="task-1",
                name="CheckT1",
                qid="3",
            )
        )
    return command


@pytest.mark.parametrize(
    ("options", "spoken", "document"),
    keep_quick(
        [
            ((), "chip lab", {"scope": "chip", "target_id": "lab"}),
            (("--qid", "Q03"), "qubit 3 of lab", {"scope": "qubit", "target_id": "3"}),
            (("--coupling", "1-0"), "coupling 0-1 of lab", {"scope": "coupling", "target_id": "0-1"}),
            (
                ("--task", "task"),
                "CheckT1 on 3 of lab",
                {"scope": "task_result", "target_id": "task-1", "qid": "3", "task_name": "CheckT1"},
            ),
            (
                ("--coupling", "0-1", "--metric", "static_zz_interaction"),
                "static_zz_interaction of coupling 0-1 of lab",
                {
                    "scope": "coupling_metric",
                    "target_id": "0-1",
                    "metric_key": "static_zz_interaction",
                    "scope_type": "global",
                    "scope_key": "global",
                    "scope_source": "global",
                },
            ),
        ],
        0,
        3,
    ),
    ids=["chip", "qubit", "coupling", "result", "metric"],
)
def test_a_note_is_written_shown_cleared_and_put_back(
    lab: InProcess, options: tuple[str, ...], spoken: str, document: dict[str, str]
) -> None:
    assert lab.does("note", "show", "lab", *options) == f"there is no note on {spoken}\n"
    assert lab.read_json("note", "show", "lab", *options) == {"chip_id": "lab", **document}
    assert lab.does("note", "edit", "lab", *options, "the pump was off") == f"noted on {spoken}\n"
    shown = lab.read_json("note", "show", "lab", *options)
    note = shown.pop("note")
    assert (note["content"], note["updated_by"], shown) == (
        "the pump was off",
        "admin",
        {"chip_id": "lab", **document},
    )
    told = lab.does("note", "show", "lab", *options)
    assert told.startswith(spoken)
    assert told.endswith("+09:00):\nthe pump was off\n")
    assert "was cleared" in lab.does("note", "clear", "lab", *options)
    assert f"no note on {spoken}: admin cleared it at" in lab.does("note", "show", "lab", *options)
    first = min(event["seq"] for event in lab.read_json("note", "events", "lab"))
    assert lab.read_json("note", "restore", str(first))["note"]["content"] == "the pump was off"
    assert [event["action"] for event in lab.read_json("note", "events", "lab")] == [
        "upsert",
        "delete",
        "upsert",
    ]


def test_all_notes_of_a_chip_are_one_list(lab: InProcess) -> None:
    lab.does("cryostat", "create", "K")
    assert "write one with `qdash note edit lab TEXT`" in lab.does("note", "list", "lab")
    assert lab.read_json("note", "list", "lab") == []
    lab.does("note", "edit", "lab", "wired")
    lab.does("note", "edit", "lab", "--qid", "3", "--metric", "t1", "short")
    lab.does("cooldown", "create", "1", "--cryostat", "K", "--chip", "lab", "--started", "2026-01-01")
    lab.does("note", "edit", "lab", "--qid", "10", "--metric", "t1", "shorter")
    lab.does("note", "edit", "lab", "--task", "t", "the pump was off")
    listed = lab.read_json("note", "list", "lab")
    assert [(one["scope"], one["target_id"], one["note"]["content"]) for one in listed] == [
        ("chip", "lab", "wired"),
        ("qubit_metric", "3", "short"),
        ("qubit_metric", "10", "shorter"),
        ("task_result", "task-1", "the pump was off"),
    ]
    told = lab.does("note", "list", "lab").splitlines()
    assert told[0].split() == ["on", "metric", "holds", "result", "by", "edited", "note"]
    assert "in cool-down 1" in told[4]
    assert "always" in told[3]
    in_cooldown = lab.read_json("note", "list", "lab", "--cooldown", "1")
    assert [one["target_id"] for one in in_cooldown] == ["lab", "3", "10"]
    before = ("--from", "2025-01-01", "--to", "2025-02-01")
    assert [one["target_id"] for one in lab.read_json("note", "list", "lab", *before)] == ["lab", "3"]
    assert lab.does("note", "list", "lab", "--since", "2999-01-01") == "no matching notes\n"


def test_a_note_on_a_metric_holds_in_the_range_that_is_named(lab: InProcess) -> None:
    metric = ("lab", "--qid", "3", "--metric", "t1")
    span = ("--from", "2026-01-01", "--to", "2026-01-02T00:00Z")
    made = lab.read_json("note", "edit", *metric, *span, "short")
    assert (made["scope_type"], made["scope_started_at"], made["scope_ended_at"]) == (
        "time_range",
        "2025-12-31T15:00:00Z",
        "2026-01-02T00:00:00Z",
    )
    assert "note" not in lab.read_json("note", "show", *metric)
    assert lab.read_json("note", "show", *metric, *span) == made
    for bounds, found in (
        (("--from", "2026-01-01T20:00"), [made]),
        (("--from", "2026-01-02T00:00Z"), []),
        (("--to", "2026-01-01"), []),
        (("--to", "2026-01-01T00:01", "--since", "2020-01-01"), [made]),
        (("--to", "2026-01-01T00:01", "--until", "2020-01-01"), []),
    ):
        assert lab.read_json("note", "list", "lab", *bounds) == found
    told = lab.does("note", "show", *metric, *span)
    assert "2026-01-01 00:00:00+09:00 to 2026-01-02 09:00:00+09:00" in told


def test_edits_are_read_page_by_page_and_found_by_their_words(lab: InProcess) -> None:
    for text in ("次の冷却で交換", "second pulse tube", "the second"):
        lab.does("note", "edit", "lab", "--qid", "3", text)
    page = lab.does("note", "events", "lab", "--limit", "2")
    assert "the second" in page
    assert "次の冷却で交換" not in page
    cursor = page.rpartition("and more: --after ")[2].strip()
    rest = lab.read_json("note", "events", "lab", "--limit", "2", "--after", cursor)
    assert [event["content"] for event in rest] == ["次の冷却で交換"]
    assert [event["content"] for event in lab.read_json("note", "search", "tube", "SECOND")] == [
        "second pulse tube"
    ]
    assert "qubit 3 of lab" in lab.does("note", "search", "交換")
    assert lab.does("note", "search", "third") == "no current or former note contains every word of 'third'\n"
    assert lab.read_json("note", "search", "third") == []
    past, future = ("--until", "2020-01-01"), ("--since", "2999-01-01")
    for when, number in ((past, 0), (future, 0), (("--since", "2020-01-01", "--until", "2999-01-01"), 3)):
        assert len(lab.read_json("note", "events", "lab", *when)) == number
        assert len(lab.read_json("note", "search", "second", *when)) == min(number, 2)
    assert lab.does("note", "events", "lab", *past) == "no notes of chip lab were edited in this time\n"
    assert lab.does("note", "search", "second", *past).endswith("every word of 'second' in this time\n")
    lab.does("note", "clear", "lab", "--qid", "3")
    assert "(cleared)" in lab.does("note", "events", "lab")
    lab.does("chip", "delete", "lab", "--force")
    assert len(lab.read_json("note", "events", "lab")) == 4


def test_a_text_comes_from_standard_input_or_an_editor(
    lab: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("line 1\nline 2\n"))
    lab.does("note", "edit", "lab", "-")
    assert lab.does("note", "show", "lab").endswith(":\nline 1\nline 2\n")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "line 3" >> "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    lab.does("note", "edit", "lab", "--editor")
    assert lab.read_json("note", "show", "lab")["note"]["content"] == "line 1\nline 2\nline 3"
    monkeypatch.setenv("VISUAL", "true")
    assert "closed without saving, nothing was changed" in lab.run_refused("note", "edit", "lab", "--editor")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "the text is empty, nothing was changed" in lab.run_refused("note", "edit", "lab", "-")
    assert "TEXT is missing" in lab.run_refused("note", "edit", "lab")
    assert len(lab.read_json("note", "events", "lab")) == 2


def test_what_cannot_be_is_refused_and_nothing_is_written(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, message in [
        ("edit lb x", "no chip 'lb' in project default; did you mean 'lab'? (known: lab)"),
        ("edit lab --qid 99 x", "no qubit '99' of chip 'lab' in project default: `qdash chip show lab"),
        ("edit lab --qid x x", "'x' is not a qubit"),
        ("edit lab --task u x", "no result 'u' in project default"),
        ("edit lab --qid 1 --coupling 0-1 x", "use one of --qid, --coupling and --task"),
        ("edit lab --metric t1 x", "--metric requires --qid or --coupling"),
        ("edit lab --task t --metric t1 x", "--metric requires --qid or --coupling"),
        ("edit lab --cooldown 1 x", "--cooldown, --from and --to require --metric"),
        (
            "edit lab --qid 1 --metric t1 --cooldown 1 x",
            "no cool-down '1' in project default (known: none yet)",
        ),
        ("edit lab --qid 1 --metric t1 --from 2026-01-01 x", "use --from TIME and --to TIME together"),
        ("edit lab --qid 1 --metric t2_ech x", "no metric 't2_ech' of a qubit"),
        ("edit lab --qid 1 --metric t1 --from now --to 2026-01-01 x", "--from: 'now' is not a moment"),
        ("edit lab --editor x", "use one of TEXT, --editor and --clear"),
        ("edit lab x --user eve --project other", "no project 'other'"),
        ("show lab --user eve", "there is no user 'eve'"),
        ("list lb", "no chip 'lb' in project default; did you mean 'lab'? (known: lab)"),
        ("list lab --since 0001-01-01", "--since: '0001-01-01' is not a moment"),
        ("events lb", "no chip 'lb' in project default; did you mean 'lab'? (known: lab)"),
        ("list lab --from 2026-01-02 --to 2026-01-01", "the time range is empty"),
        ("list lab --cooldown 1 --from 2026-01-02", "give a cool-down or a time range, not both"),
        ("events lab --since 2026-01-02 --until 2026-01-01", "the time range is empty"),
        ("events lab --after 7", "after is not the `next` of a page"),
        ("restore 7", "no edit 7 of a note"),
        ("search ...", "there is no word in '...'"),
    ]:
        with subtests.test(arguments):
            assert message in lab.run_refused("note", *arguments.split())
            assert lab.read_json("note", "events", "lab") == []


def test_the_timeline_shows_current_notes_of_the_project(lab: InProcess) -> None:
    assert "no matching note events: with --all" in lab.does("note", "timeline")
    for qid, text in (("3", "warm"), ("3", "cold pump"), ("4", "noisy")):
        lab.does("note", "edit", "lab", "--qid", qid, text)
    found = lab.read_json("note", "timeline")
    assert [(one["content"], one["current"]) for one in found] == [("noisy", True), ("cold pump", True)]
    assert len(lab.read_json("note", "timeline", "--all", "--target", "3")) == 2
    assert lab.read_json("note", "timeline", "--words", "pump", "--on", "chip") == []
    assert "cold pump" in lab.does("note", "timeline", "--words", "PUMP", "--by", "admin", "--chip", "lab")
    after = lab.does("note", "timeline", "--limit", "1").partition("and more: --after ")[2].strip()
    assert "cold pump" in lab.does("note", "timeline", "--after", after)
    assert "--on: it has to be 'chip', 'qubit'" in lab.run_refused("note", "timeline", "--on", "cat")


def test_files_are_attached_listed_downloaded_detached_and_kept_by_backups(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    photo, copy = tmp_path / "photo.jpg", tmp_path / "copy.jpg"
    photo.write_bytes(make_photograph())
    on = ("lab", "--qid", "3", "--metric", "t1")
    said = lab.does("note", "attach", *on, str(photo))
    assert "in a text: ![photo.jpg](file:photo.jpg)" in said
    lab.does("note", "edit", *on, "the line: ![photo.jpg](file:photo.jpg)")
    assert "files: photo.jpg" in lab.does("note", "show", *on)
    assert lab.does("note", "files", "lab").startswith("no files")
    assert [one["name"] for one in lab.read_json("note", "files", *on)] == ["photo.jpg"]
    lab.does("store", "backup", str(tmp_path / "backup.tar"))
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "other"))
    lab.does("store", "restore", str(tmp_path / "backup.tar"))
    said = lab.does("note", "download", *on, "photo.jpg", "--output", str(copy))
    assert said == f"{len(copy.read_bytes())} bytes in {copy}\n"
    assert PLACE not in copy.read_bytes()
    lab.run_refused("note", "download", *on, "photo.jpg", "--output", str(copy))
    assert lab.does("note", "detach", *on, "photo.jpg") == "file photo.jpg was deleted\n"
    assert lab.read_json("note", "files", *on) == []
