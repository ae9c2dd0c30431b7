"""Days of a small laboratory, in which each operation is asked whose body or view model no other has."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from dulwich import porcelain
from dulwich.repo import Repo

from qdash_core import CalibConfig, CalibOrchestrator, LockedError, hookimpl
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.clock import SimulatedClock, get_clock
from qdash_core.health.backups import record_backup
from qdash_core.hooks.assistants import (
    AssistantState,
    AssistantTool,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UsagePart,
)
from qdash_core.locks.presence import ProcessRegistration
from qdash_core.models.backup import BackupRequest
from qdash_core.models.chip import ParameterModel
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.timetable import Cron
from qdash_core.progress import SilentProgress
from qdash_core.repositories.repositories import Repositories
from qdash_fake.backend import FakeBackend
from qdash_fake.simulations import simulate_chip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recorder import Recorder

    from qdash_core.application import QDash

CHIP, PROJECT = "quartet", "default"
PASSWORD = "correct horse battery staple"  # noqa: S105  nobody's password
NAMES = {
    "chip_id": CHIP, "chip": CHIP, "qid": "0", "coupling_id": "0-1", "target": "0", "target_id": "0", "metric": "t1",
    "metric_key": "t1", "task": "CheckT1", "name": "CheckT1", "project_id": PROJECT, "scope": "qubit", "q": "cold",
    "root": "config", "path": "t1.yaml", "username": "bob", "cryo_id": "fridge", "cooldown_id": "cd-7", "kind": "qubit",
}  # fmt: skip
"""Required parameters of the operations."""
_FLOW = 'def night(chip_id: str, shots: int = 1024):\n    """Measure at night."""\n'
_LINES = {"mux": 0, "ctrl": ["U10B-5", "U10B-6", "U10B-7"], "read_out": "S159A-8", "read_in": "S159A-7"}
_FEW_SHOTS, _NIGHTS = 16, 3


class Rack(FakeBackend):
    """Backend of the chip that has a twin besides its own backend."""

    name = "rack"


class Laboratory:
    """Plugin with the backend, and with an assistant that reads the values of the chip and proposes to exclude a qubit."""

    name = "scripted"

    @hookimpl
    def qdash_backends(self) -> list[type[FakeBackend]]:
        """Return the backend."""
        return [Rack]

    @hookimpl
    def qdash_assistants(self) -> list[Laboratory]:
        """Return the assistant."""
        return [self]

    def get_state(self) -> AssistantState:
        """Return that it is ready."""
        return AssistantState(self.name, ready=True, model="small-model", reason="")

    def answer(self, _question: str, *, tools: list[AssistantTool], **_given: Any) -> Iterator[Any]:
        """Yield the parts of the only answer."""
        exclusion = {"chip_id": CHIP, "targets": ["1"], "reason": "unstable"}
        calls: dict[str, dict[str, Any]] = {"chip_values": {}, "propose_exclude": exclusion}
        for number, (name, arguments) in enumerate(calls.items(), start=1):
            yield ToolCallPart(str(number), name, arguments)
            (tool,) = (one for one in tools if one.name == name)
            summary = str(tool.call(arguments).document)
            yield ToolResultPart(str(number), name, ok=True, summary=summary, seconds=0.1)
        yield TextPart(f"T1 of qubit 0 is fine [chip:{CHIP}].")
        yield UsagePart(1_200, 90, 0.01, "USD")


class Observer(SilentProgress):
    """Observer of a run that asks for its progress once.

    Parameters
    ----------
    recorder : Recorder
        Asks.
    number : int
        Number of the task at whose start it asks.
    """

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder, self._left = recorder, number

    def started(self, _task: str, _target: str) -> None:
        """Ask for the progress at the start of a task."""
        self._left -= 1
        if self._left == 0:
            self._recorder.ask("execution_progress")


def live_through(qdash: QDash, recorder: Recorder) -> None:
    """Ask the operations in the order in which their answers depend on each other."""
    for part in _PARTS:
        part(qdash, recorder)


def make_remote(folder: Path) -> Path:
    """Make a git repository with one file, for the root that is a work tree; return its folder."""
    folder.mkdir()
    Repo.init(folder, default_branch=b"main").close()
    (folder / "t2.yaml").write_text("Q00: 52.0\n")
    porcelain.add(folder, [folder / "t2.yaml"])
    porcelain.commit(folder, message=b"first values", author=b"bob <>", committer=b"bob <>")
    return folder


def _manage_people(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    for name in ("bob", "carol"):
        ask("create_user", {"username": name, "full_name": name.title()})
        ask("invite_member", {"username": name, "role": "editor"})
        qdash.members.accept(name, PROJECT)
    code = ask("invite_to_set_up", username=DEFAULT_USER)["code"]
    ask("set_up", {"code": code, "password": PASSWORD})
    ask("log_in", {"username": DEFAULT_USER, "password": PASSWORD})
    ask("change_password", {"old": PASSWORD, "new": "tin clock under eleven rivers"})
    ask("edit_user", {"full_name": "Bob Baker"})
    ask("create_token", {"name": "night-shift", "scope": "write"})
    ask("set_preferences", {"full_name": "Alice Liddell", "time_zone": "Europe/Zurich", "theme": "dark"})
    ask("change_role", {"role": "viewer"}, username="carol")
    ask("create_project", {"project_id": "lab", "name": "Cold lab", "description": "Everything below 4 K"})
    ask("edit_project", {"name": "Colder lab"}, project_id="lab")
    ask("create_project", {"project_id": "old"})
    ask("delete_project", project_id="old")
    qdash.members.invite(qdash.access(DEFAULT_USER, "lab"), "bob", ProjectRole.OWNER)
    qdash.members.accept("bob", "lab")
    ask("transfer_project", {"to": "bob"}, project_id="lab")
    ask("off_board", {"to": DEFAULT_USER, "force": False})


def _make_chips(_qdash: QDash, recorder: Recorder) -> None:
    ask, design = recorder.ask, {"qubits": {"0": {"qubit_frequency": 5.1}}, "couplings": {}}
    twin = {"chip_id": CHIP, "device": "linear-4", "options": {"dead_line": "3"}}
    recorder.client.post("/plugins/fake/twins", json=twin).raise_for_status()
    ask("create_chip", {"chip_id": "spare", "topology": "linear-3", "backend": "fake", "design": design})
    ask("set_wiring", {"lines": [_LINES], "boxes": {"U10": "A"}}, chip_id="spare")
    ask("chip_wiring", chip_id="spare")
    ask("set_design", design, chip_id="spare")
    ask("edit_chip", {"topology_id": "linear-3", "note": "new package"}, chip_id="spare")
    ask("ask_specification", {"limits": {"t1": 60.0, "t2_echo": 80.0}, "minima": {"t1": 12.0}})
    ask("show_topology", name="linear-16")
    ask("create_cryostat", {"cryo_id": "fridge", "location": "cellar"})
    ask("edit_cryostat", {"location": "attic"})
    before = {"cooldown_id": "cd-6", "cryo_id": "fridge", "started_at": "2025-12-01T08:00:00Z"}
    ask("create_cooldown", before)
    ask("end_cooldown", {"ended_at": "2025-12-20T08:30:00Z"}, cooldown_id="cd-6")
    ask(
        "create_cooldown",
        {**before, "cooldown_id": "cd-7", "started_at": "2026-01-05T08:30:00Z", "chip_ids": [CHIP]},
    )
    ask("edit_cooldown", {"description": "old package"})


def _calibrate(qdash: QDash, recorder: Recorder) -> None:
    ask, names = recorder.ask, recorder.names
    parameters = {"shots": 2048, "CheckT1": {"shots": 4096}}
    request = {"chip_id": CHIP, "flow": "bring-up", "tags": ["night"], "run_parameters": parameters}
    ask("preview_run", request)
    names["execution_id"] = names["flow_run_id"] = ask("submit_run", request)["execution_id"]
    ask("show_queue_entry")
    _perform(qdash, names["execution_id"], Observer(recorder, 20))
    names["task_id"] = _find_result(recorder)
    ask("create_release", {"name": "tuesday", "note": "after the cool-down"})
    ask("show_release", name="tuesday")
    ask("explain_target", target="3")
    ask("show_qubit", qid="3")
    ask("task_inputs", target="0")
    ask("show_flow", name="bring-up")
    ask("chip_schedule", kind="coupling")
    ask("metric_statistics", other_metric="t2_echo")
    recorder.ask_reads()


def _measure_for_a_day(qdash: QDash, recorder: Recorder) -> None:
    ask, clock = recorder.ask, get_clock()
    assert isinstance(clock, SimulatedClock)
    for _ in range(_NIGHTS):
        clock.advance_to(clock.now() + timedelta(hours=24 / _NIGHTS))
        _run(qdash, recorder, "CheckT1")
    failed = _run(qdash, recorder, "CheckT2Echo", CheckT2Echo={"shots": _FEW_SHOTS})
    ask("explain_execution", execution_id=failed)
    for one in ask("execution_results", execution_id=failed)["items"]:
        ask("explain_result", task_id=one["task_id"])
    ask("show_chip_on_day", day="2026-01-06")
    ask("compare_chip_days", day="2026-01-06", other_day="2026-01-07")
    ask("compare_results", task_id=_find_result(recorder), other=recorder.names["task_id"])


def _analyse_again(_qdash: QDash, recorder: Recorder) -> None:
    ask, options = recorder.ask, {"exclude": "0,1,2,3,4,5"}
    newest = _find_result(recorder)
    basis = ask("preview_refit", {"options": options, "figure": True}, task_id=newest)["basis"]
    ask("refit_result", {"options": options, "basis": basis}, task_id=newest)
    estimate = {"t1": {"value": 85.2, "error": 2.8, "unit": "us"}}
    analysis = {
        "parameters": estimate,
        "model": "stretched exponential",
        "note": "stretching exponent 0.83(2)",
    }
    flagged = ask("record_analysis", {**analysis, "quality": {"reduced_chi2": 12.0}})["task_id"]
    ask("rerun_result", {"scope": "evening"})
    ask("list_review", all="true")
    ask("show_review", task_id=flagged)
    ask("show_digest", since="36h")
    ask("accept_result", {"reason": "the model is known"}, task_id=flagged)
    ask("show_result_context", task_id=flagged)


def _decide_on_values(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    t1 = {"t1": {"value": 45.2, "error": 0.8, "unit": "us"}}
    ask("set_values_of_qubit", {"values": t1, "reason": "measured by hand", "confirmed": True})
    ask("show_digest")
    recorder.names["number"] = str(ask("list_value_events")["items"][0]["number"])
    ask("undo_value_event", {"reason": "the wrong chip"})
    ask(
        "trust_values_of_qubit",
        {"metrics": ["t1"], "until": "2026-01-08T08:00:00Z", "reason": "measured by hand"},
    )
    setting = {"resource": "chip", "name": "pump power", "before": "8.1 dBm", "after": "8.3 dBm"}
    ask("record_setting_change", {**setting, "reason": "retuned for gain"})
    ask("show_impact", task_id=_find_result(recorder))
    ask("reject_result", {"metrics": ["t1"], "reason": "a two-level system moved"})
    ask("use_result", {"metrics": ["t1"], "reason": "the best trace"})
    ask("preview_reversion", to="release:tuesday")
    ask("revert_values", {"to": "release:tuesday", "qubits": "0", "reason": "warm-up"})
    _store_milliseconds(qdash)
    ask("preview_unit_conversion")
    ask("convert_units", {"reason": "the plugin of last year wrote ms"})
    ask("exclude_qubit", {"status": "excluded", "note": "open line"}, qid="3")
    ask("set_target_statuses", {"targets": ["3", "2-3"], "status": "dead", "note": "open line"})
    ask("compare_points", before="release:tuesday")


def _store_milliseconds(qdash: QDash) -> None:
    """Store a value in another unit than that of its quantity, as old plugins did."""
    old = ParameterModel(value=0.081, unit="ms", calibrated_at=get_clock().now())
    with qdash.store.transaction() as transaction:
        Repositories(transaction).qubits.update_calib_data(PROJECT, CHIP, "1", {"t1": old})


def _try_values(qdash: QDash, recorder: Recorder) -> None:
    for scope, closing, reason in (
        ("evening", "commit_value_scope", "all gates above 99 %"),
        ("attempt", "discard_value_scope", "a warm fridge"),
    ):
        session = _begin_session(qdash, scope=scope)
        session.run_task("CheckT1", "0")
        session.complete()
        recorder.ask("show_value_scope", name=scope)
        recorder.ask(closing, {"reason": reason}, name=scope)


def _begin_session(qdash: QDash, **more: Any) -> CalibOrchestrator:
    session = CalibOrchestrator(
        CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=PROJECT, **more), qdash
    )
    session.initialize()
    return session


def _adopt_values(qdash: QDash, recorder: Recorder) -> None:
    access = qdash.access(DEFAULT_USER)
    qdash.chips.create(access, "cold", get_builtin_topology("linear-2"), backend="rack")
    simulate_chip(qdash, access, "cold", seed=0)
    measured = {"chip_id": "cold", "flow": "CheckResonatorSpectroscopy", "targets": {"qubits": ["0"]}}
    run = recorder.ask("submit_run", {**measured, "backend_name": "fake"})["execution_id"]
    _perform(qdash, run)
    recorder.ask("adopt_values", {"chip_id": "cold"}, execution_id=run)


def _queue_runs(qdash: QDash, recorder: Recorder) -> None:
    ask, request = recorder.ask, {"chip_id": CHIP, "flow": "CheckT1", "targets": {"qubits": ["0"]}}
    with ProcessRegistration(qdash.store, "worker", ttl_s=60.0, username="bob"):
        ask("list_workers")
    first, second, third = (ask("submit_run", request)["execution_id"] for _ in range(3))
    ask("change_queue_entry", {"before": first}, execution_id=third)
    ask("change_queue", {"execution_ids": [second, third], "held": True})
    ask("remove_from_queue", execution_id=second)
    session = _begin_session(qdash)
    ask("list_locks")
    ask("runs_on_chip")
    ask("show_queue_entry", execution_id=first)
    ask("release_lock", force="true", reason="the run hangs")
    with suppress(LockedError):
        session.cancel()
    ask("cancel_execution", flow_run_id=first)


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
    ask("copy_flow", {"name": "my-night"}, name="night")
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
    qdash.timetables.add(qdash.access(DEFAULT_USER), "backup", None, at_night, backup=backup)
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
    ask("import_values", content=table, name="values.csv", write="true")


def _ask_the_assistant(_qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    conversation = ask("create_conversation", {"chip_id": CHIP, "shared": True})
    recorder.names["conversation_id"] = conversation["conversation_id"]
    ask("ask_question", {"question": "How is qubit 0?"})
    ask("edit_conversation", {"title": "Qubit 0 in January", "shared": True})
    ask("confirm_proposal", message="1", proposal="1")


_PARTS: tuple[Callable[[QDash, Recorder], None], ...] = (
    _manage_people,
    _make_chips,
    _calibrate,
    _measure_for_a_day,
    _analyse_again,
    _decide_on_values,
    _try_values,
    _adopt_values,
    _queue_runs,
    _write_notes_and_issues,
    _save_flows,
    _plan_timetables,
    _edit_files,
    _ask_the_assistant,
)


def _find_result(recorder: Recorder) -> str:
    """Return the id of the newest result of T1 of qubit 0."""
    return str(recorder.ask("list_results", task="CheckT1", target="0")["items"][0]["task_id"])


def _run(qdash: QDash, recorder: Recorder, task: str, **run_parameters: Any) -> str:
    """Run a task on qubits 0 and 1, and return the id of the execution."""
    request = {
        "chip_id": CHIP,
        "flow": task,
        "targets": {"qubits": ["0", "1"]},
        "run_parameters": run_parameters,
    }
    execution_id = str(recorder.ask("submit_run", request)["execution_id"])
    _perform(qdash, execution_id)
    return execution_id


def _perform(qdash: QDash, execution_id: str, observer: SilentProgress | None = None) -> None:
    """Perform a run as the process of a worker does."""
    qdash.runs.perform(PROJECT, execution_id, observer or SilentProgress(), alone=False)
    qdash.runs.queue.conclude(PROJECT, execution_id, died=False)
