"""Work of the laboratory at the desk: people, notes, issues, flows, timetables, files and questions."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from laboratory import CHIP, PROJECT

from qdash_builtin.home.backup_checks import record_backup
from qdash_builtin.home.model import BackupRequest
from qdash_builtin.people.feature import MEMBERS, PROJECTS
from qdash_builtin.timetables.feature import TIMETABLES
from qdash_builtin.timetables.models.timetable import Cron
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.process.clock import get_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from recorder import Recorder

    from qdash_core.runtime.application import QDash

PASSWORD = "correct horse battery staple"  # noqa: S105  nobody's password
_FLOW = 'def night(chip_id: str, shots: int = 1024):\n    """Measure at night."""\n'


def manage_people(qdash: QDash, recorder: Recorder) -> None:
    """Create, change and remove users, members, tokens and projects."""
    ask = recorder.ask
    for name in ("bob", "carol"):
        ask("create_user", {"username": name, "full_name": name.title()})
        ask("invite_member", {"username": name, "role": "editor"})
        qdash.get(MEMBERS).accept(name, PROJECT)
    code = ask("invite_to_set_up", username=DEFAULT_USER)["code"]
    ask("set_up", {"code": code, "password": PASSWORD})
    ask("log_in", {"username": DEFAULT_USER, "password": PASSWORD})
    ask("change_password", {"old": PASSWORD, "new": "tin clock under eleven rivers"})
    ask("edit_user", {"full_name": "Bob Baker"})
    ask("set_password", {"password": PASSWORD})
    ask("create_token", {"name": "night-shift", "scope": "write"})
    ask("set_preferences", {"full_name": "Alice Liddell", "time_zone": "Europe/Zurich", "theme": "dark"})
    ask("change_role", {"role": "viewer"}, username="carol")
    ask("create_project", {"project_id": "lab", "name": "Cold lab", "description": "Everything below 4 K"})
    ask("edit_project", {"name": "Colder lab"}, project_id="lab")
    ask("create_project", {"project_id": "old"})
    ask("delete_project", project_id="old")
    qdash.get(MEMBERS).invite(qdash.access(DEFAULT_USER, "lab"), "bob", ProjectRole.OWNER)
    qdash.get(MEMBERS).accept("bob", "lab")
    ask("transfer_project", {"to": "bob"}, project_id="lab")
    qdash.get(PROJECTS).create("cold", username="bob")
    qdash.get(MEMBERS).invite(qdash.access("bob", "cold"), DEFAULT_USER, ProjectRole.EDITOR)
    ask("accept_only_invitation", {"project_id": "cold"})
    ask("off_board", {"to": DEFAULT_USER, "force": False})


def _write_notes_and_issues(_qdash: QDash, recorder: Recorder) -> None:
    ask, names = recorder.ask, recorder.names
    ask("note_qubit", {"content": "colder since the new package"})
    ask("note_metric_of_qubit", {"content": "a defect near 5.01 GHz"})
    ask("note_result", {"content": "the best trace"})
    names["seq"] = str(ask("note_events_of_target")["items"][0]["seq"])
    issue = {
        "title": "T1 of qubit 0 is shorter than last week",
        "task_id": names["task_id"],
        "body": f"See the trace: ![trace](result:{names['task_id']})",
        "labels": ["coherence"],
        "assignees": ["bob"],
    }
    names["issue_id"] = str(ask("open_issue", issue)["issue_id"])
    ask("open_issue", {**issue, "title": "T1 of qubit 0 jumps"})
    ask("edit_issue", {"state": "in progress"})
    ask("assign_issue", {"add": [DEFAULT_USER], "remove": ["bob"]})
    ask("comment_issue", {"text": "The pump of the amplifier was off."})
    ask("attach_to_issue", content=b"time,temperature\n09:00,9.8\n", name="fridge.csv")
    ask("close_issue", {"comment": "The pump is on again."})
    ask("reopen_issue", {"comment": "It is off again."})
    ask("add_tag", {"name": "nightly"})
    ask("replace_tags", {"names": ["night"], "to": "nightly"})


def _save_flows(_qdash: QDash, recorder: Recorder) -> None:
    ask, source = recorder.ask, {"source": _FLOW, "function": "night"}
    ask("validate_flow", source)
    ask("find_flow_problems", {**source, "source": _FLOW.replace("1024", "many")})
    for description in ("Measure at night.", "Measure every night."):
        ask(
            "save_flow",
            {**source, "chip_id": CHIP, "description": description, "tags": ["nightly"]},
            name="night",
        )
    ask("show_flow", name="night")
    ask("show_flow_source", name="night")
    ask("show_flow_version", name="night", version="1")
    ask("copy_flow", {"name": "evening"}, name="night")
    ask("save_flow", source, name="old")
    ask("delete_flow", name="old")
    ask("show_deleted_flow", name="old")


def _plan_timetables(qdash: QDash, recorder: Recorder) -> None:
    ask, cron = recorder.ask, {"kind": "cron", "expression": "0 2 * * *"}
    run = {"chip_id": CHIP, "flow": "check", "tags": ["nightly"]}
    late = {"timezone": "Asia/Tokyo", "missed": "once", "begin_within_s": 7200.0}
    ask("create_timetable", {"name": "nightly", "request": run, "when": cron, **late})
    ask("create_timetable", {"name": "morning", "digest": {"chip_id": CHIP, "since": "18:00"}, "when": cron})
    moment = {"kind": "moment", "at": "2026-01-20T08:00:00Z"}
    ask("create_timetable", {"name": "clean", "keep": {"raw": 90.0, "events": 30.0}, "when": moment})
    ask("edit_timetable", {"when": {"kind": "interval", "every_s": 21_600.0}}, name="morning")
    ask("start_timetable", name="nightly")
    ask("show_timetable", name="nightly")
    home, at_night = qdash.settings.home, Cron(expression="0 4 * * *")
    backup = BackupRequest(folder=str(home), keep=14)
    qdash.get(TIMETABLES).add(qdash.access(DEFAULT_USER), "backup", None, at_night, backup=backup)
    ask("show_timetable", name="backup")
    record_backup(qdash.store, home / "qdash-1.tar", get_clock().now() - timedelta(hours=2))


def _edit_files(_qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    ask("write_file", content=b"Q00: 31.5\n")
    again = {"path": "t1.yaml"}
    answer = recorder.client.put(
        "/files/config/content", content=b"Q00: 45.2\n", params=again, headers={"if-match": "*"}
    )
    answer.raise_for_status()
    ask("check_file", content=b"Q00: [\n")
    array = io.BytesIO()
    np.save(array, np.linspace(0.0, 1.0, 5))
    for path, contents in {"t1.csv": b"qid,t1\n0,31.5\n", "trace.npy": array.getvalue()}.items():
        ask("write_file", content=contents, path=path)
        ask("preview_file", path=path)
    first = ask("list_file_versions")["items"][-1]["version"]
    ask("compare_file_versions", before=first)
    ask("restore_file", {"path": "t1.yaml", "version": first, "reason": "wrong cool-down"})
    ask("pull_files", root="tree")
    ask("write_file", content=b"Q01: 31.5\n", root="tree")
    ask("show_work_tree", root="tree")
    ask("commit_files", {"reason": "T1 of the new cool-down"}, root="tree")
    table = b"target,parameter,value,error,unit\n0,t1,46.1,0.9,us\n77,t1,1,,us\n"
    ask("import_file", content=table, name="values.csv", chip_id=CHIP)


def _ask_the_assistant(_qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    conversation = ask("create_conversation", {"chip_id": CHIP, "shared": True})
    recorder.names["conversation_id"] = conversation["conversation_id"]
    ask("ask_question", {"question": "How is qubit 0?"})
    ask("edit_conversation", {"title": "Qubit 0 in January", "shared": True})
    ask("confirm_proposal", message="1", proposal="1")


OFFICE_WORK: tuple[Callable[[QDash, Recorder], None], ...] = (
    _write_notes_and_issues,
    _save_flows,
    _plan_timetables,
    _edit_files,
    _ask_the_assistant,
)
"""Parts of the days in their order, after the measurements."""
