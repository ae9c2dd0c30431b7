"""Two days of a small laboratory, in which every operation with a view model or a body of its own is asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import io
import numpy as np
from pathlib import Path
from qdash_core.chips.lattices import get_builtin_topology
from qdash_fake.backend import FakeBackend
from qdash_fake.simulations import simulate_chip

from qdash_core import CalibConfig, CalibOrchestrator, LockedError, hookimpl
from qdash_core.clock import get_clock
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recorder import Recorder

    from qdash_core.application import QDash

CHIP, PASSWORD = "trio", "correct horse battery staple"  # noqa: S105  nobody's password
NAMES = {
    "chip_id": CHIP, "chip": CHIP, "qid": "0", "coupling_id": "0-1", "target": "0", "target_id": "0", "metric": "t1",
    "metric_key": "t1", "task": "CheckT1", "name": "CheckT1", "project_id": "default", "scope": "qubit", "q": "cold",
    "root": "config", "path": "t1.yaml", "username": "bob", "cryo_id": "fridge", "cooldown_id": "cd-7", "kind": "qubit",
}  # fmt: skip
FLOW = 'def night(chip_id: str, shots: int = 1024):\n    """Measure at night."""\n'


class Rack(FakeBackend):
    """Backend that is no simulation to QDash."""

    name = "rack"


class Assistant:
    """Assistant that reads the values of the chip, and proposes to exclude a qubit."""

    name = "scripted"

    @hookimpl
    def qdash_assistants(self) -> list[Assistant]:
        """Return the assistant, which is its own plugin."""
        return [self]

    @hookimpl
    def qdash_backends(self) -> list[type[FakeBackend]]:
        """Return the backend."""
        return [Rack]

    def get_state(self) -> AssistantState:
        """Return that it is ready."""
        return AssistantState(self.name, ready=True, model="small-model", reason="")

    def answer(self, _question: str, *, tools: list[AssistantTool], **_given: Any) -> Iterator[Any]:
        """Yield the parts of the only answer."""
        calls: dict[str, dict[str, Any]] = {
            "chip_values": {},
            "propose_exclude": {"chip_id": CHIP, "targets": ["1"], "reason": "unstable"},
        }
        for number, (name, arguments) in enumerate(calls.items(), start=1):
            yield ToolCallPart(str(number), name, arguments)
            (tool,) = (one for one in tools if one.name == name)
            summary = str(tool.call(arguments).document)
            yield ToolResultPart(str(number), name, ok=True, summary=summary, seconds=0.1)
        yield TextPart("T1 of qubit 0 is fine [chip:trio].")
        yield UsagePart(1_200, 90, 0.01, "USD")


def live_through(qdash: QDash, recorder: Recorder, folder: Path) -> None:
    """Ask all operations, whose answers depend on earlier ones, in their order."""
    for part in PARTS:
        part(qdash, recorder)


def people(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    for name in ("bob", "carol"):
        ask("create_user", {"username": name, "full_name": name.title()})
        ask("invite_member", {"username": name, "role": "editor"})
        qdash.members.accept(name, "default")
    link = ask("invite_to_set_up", username=DEFAULT_USER)
    ask("set_up", {"code": link["code"], "password": PASSWORD})
    ask("log_in", {"username": DEFAULT_USER, "password": PASSWORD})
    ask("change_password", {"old": PASSWORD, "new": "tin clock under eleven rivers"})
    ask("edit_user", {"full_name": "Bob Baker"}, username="bob")
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


def chip(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    twin = {"chip_id": CHIP, "device": "linear-4", "options": {"dead_line": "3"}}
    recorder.client.post("/plugins/fake/twins", json=twin).raise_for_status()
    ask("create_chip", {"chip_id": "spare", "topology": "linear-3", "backend": "fake", "design": {"qubits": {"0": {"qubit_frequency": 5.1}}}})
    lines = {"mux": 0, "ctrl": ["U10B-5", "U10B-6", "U10B-7"], "read_out": "S159A-8", "read_in": "S159A-7"}
    ask("set_wiring", {"lines": [lines], "boxes": {"U10": "A"}}, chip_id="spare")
    ask("chip_wiring", chip_id="spare")
    ask("set_design", {"qubits": {"0": {"qubit_frequency": 5.1}}}, chip_id="spare")
    ask("edit_chip", {"topology_id": "linear-3", "note": "new package"}, chip_id="spare")
    ask("ask_specification", {"limits": {"t1": 60.0, "t2_echo": 80.0}, "minima": {"t1": 12.0}})
    ask("show_topology", name="linear-16")
    ask("create_cryostat", {"cryo_id": "fridge"})
    ask("edit_cryostat", {"location": "in the cellar"})
    ask("create_cooldown", {"cooldown_id": "cd-6", "cryo_id": "fridge", "started_at": "2025-12-01T08:00:00Z"})
    ask("end_cooldown", {"ended_at": "2025-12-20T08:30:00Z"}, cooldown_id="cd-6")
    ask("create_cooldown", {"cooldown_id": "cd-7", "cryo_id": "fridge", "started_at": "2026-01-05T08:30:00Z", "chip_ids": [CHIP]})
    ask("edit_cooldown", {"description": "old package"})


def first_run(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    request = {"chip_id": CHIP, "flow": "bring-up", "tags": ["night"], "run_parameters": {"CheckT1": {"shots": 2048}}}
    ask("preview_run", request)
    run = recorder.names["execution_id"] = recorder.names["flow_run_id"] = ask("submit_run", request)["execution_id"]
    ask("list_queue"), ask("show_queue_entry"), ask("runs_on_chip")
    perform(qdash, run, Observer(recorder))
    results = ask("list_results", limit=200)["items"]
    ask("explain_target", target="3")
    for one in results:
        if one["status"] == "failed":
            ask("explain_result", task_id=one["task_id"])
    ask("explain_execution")
    recorder.names["task_id"] = find_result(recorder)
    ask("chip_attention"), ask("show_qubit", qid="3"), ask("show_digest")
    ask("create_release", {"name": "tuesday", "note": "after the cool-down"})
    ask("show_release", name="tuesday")
    ask("task_inputs", target="0")
    recorder.ask_reads()
    ask("show_flow", name="bring-up"), ask("chip_schedule", kind="coupling")
    ask("metric_statistics", other_metric="t2_echo")
    ask("task_page", name="CheckT1"), ask("task_record", name="CheckT1")


def run(qdash: QDash, recorder: Recorder, task: str, **run_parameters: Any) -> str:
    """Run a task on qubits 0 and 1, and return the execution."""
    request = {"chip_id": CHIP, "flow": task, "targets": {"qubits": ["0", "1"]}, "run_parameters": run_parameters}
    execution_id = str(recorder.ask("submit_run", request)["execution_id"])
    perform(qdash, execution_id)
    return execution_id


def find_result(recorder: Recorder, task: str = "CheckT1") -> str:
    """Return the id of the newest result of a task on qubit 0."""
    return recorder.ask("list_results", task=task, target="0")["items"][0]["task_id"]


def second_day(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    clock = get_clock()
    for _ in range(3):
        clock.advance_to(clock.now() + timedelta(hours=8))
        run(qdash, recorder, "CheckT1")
    failed = run(qdash, recorder, "CheckT2Echo", CheckT2Echo={"shots": 16})
    ask("explain_execution", execution_id=failed)
    for one in ask("execution_results", execution_id=failed)["items"]:
        ask("explain_result", task_id=one["task_id"])
    ask("show_chip_on_day", day="2026-01-06"), ask("compare_chip_days", day="2026-01-06", other_day="2026-01-07")
    ask("compare_results", task_id=find_result(recorder), other=recorder.names["task_id"])


def values(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    flagged = ask("list_review", all="true")["items"][0]["task_id"]
    ask("show_review", task_id=flagged)
    ask("accept_result", {"reason": "the model is known"}, task_id=flagged)
    newest = find_result(recorder)
    print(recorder.client.get("/task-results/"+newest).json())
    ask("set_values_of_qubit", {"values": {"t1": {"value": 45.2, "error": 0.8, "unit": "us"}}, "reason": "measured by hand", "confirmed": True})
    ask("set_values_of_coupling", {"values": {"static_zz_interaction": {"value": 50.0, "unit": "kHz"}}, "reason": "measured by hand"})
    event = ask("list_value_events")["items"][0]["number"]
    recorder.names["number"] = str(event)
    ask("undo_value_event", {"reason": "the wrong chip"})
    ask("trust_values_of_qubit", {"metrics": ["t1"], "until": "2026-01-08T08:00:00Z", "reason": "measured by hand this morning"})
    ask("record_setting_change", {"resource": "chip", "name": "pump power", "before": "8.1 dBm", "after": "8.3 dBm", "reason": "retuned for gain"})
    ask("show_impact", task_id=newest)
    ask("reject_result", {"metrics": ["t1"], "reason": "a two-level system moved"}, task_id=newest)
    ask("accept_result", {"reason": "the next night agrees"}, task_id=newest)
    ask("use_result", {"metrics": ["t1"], "reason": "the best trace"})
    ask("preview_reversion", to="release:tuesday")
    ask("revert_values", {"to": "release:tuesday", "qubits": "0", "reason": "warm-up"})
    set_in_milliseconds(qdash)
    ask("preview_unit_conversion")
    ask("convert_units", {"reason": "the plugin of last year wrote ms"})
    ask("exclude_qubit", {"status": "excluded", "note": "open line"}, qid="3")
    ask("set_target_statuses", {"targets": ["3", "2-3"], "status": "dead", "note": "open line"})
    ask("compare_points", before="release:tuesday")


def set_in_milliseconds(qdash: QDash) -> None:
    """Store a value in another unit than its quantity has, as old plugins did."""
    with qdash.store.transaction() as transaction:
        old = ParameterModel(value=0.081, unit="ms", calibrated_at=get_clock().now())
        Repositories(transaction).qubits.update_calib_data("default", CHIP, "1", {"t1": old})


def refits(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    preview = ask("preview_refit", {"options": {"exclude": "3,17"}, "figure": True})
    ask("refit_result", {"options": {"exclude": "3,17"}, "basis": preview["basis"]})
    ask("record_analysis", {"parameters": {"t1": {"value": 85.2, "error": 2.8, "unit": "us"}}, "model": "stretched exponential", "note": "stretching exponent 0.83(2)", "quality": {"reduced_chi2": 12.0}})
    ask("rerun_result", {"scope": "evening"})


def scopes(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    measure_in_scope(qdash, "evening")
    ask("show_value_scope", name="evening")
    ask("commit_value_scope", {"reason": "all gates above 99 %"}, name="evening")
    measure_in_scope(qdash, "attempt")
    ask("discard_value_scope", {"reason": "a warm fridge"}, name="attempt")


def measure_in_scope(qdash: QDash, scope: str) -> None:
    request = CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id="default", scope=scope)
    session = CalibOrchestrator(request, qdash)
    session.initialize()
    session.run_task("CheckT1", "0")
    session.complete()


def adoption(qdash: QDash, recorder: Recorder) -> None:
    access = qdash.access(DEFAULT_USER)
    qdash.chips.create(access, "cold", get_builtin_topology("linear-2"), backend="rack")
    simulate_chip(qdash, access, "cold", seed=0)
    request = {"chip_id": "cold", "flow": "CheckResonatorSpectroscopy", "targets": {"qubits": ["0"]}, "backend_name": "fake"}
    run = recorder.ask("submit_run", request)["execution_id"]
    perform(qdash, run)
    recorder.ask("adopt_values", {"chip_id": "cold"}, execution_id=run)


def queue(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    request = {"chip_id": CHIP, "flow": "CheckT1", "targets": {"qubits": ["0"]}}
    with ProcessRegistration(qdash.store, "worker", ttl_s=60.0, username="bob"):
        ask("list_workers")
    first, second, third = (ask("submit_run", request)["execution_id"] for _ in range(3))
    ask("change_queue_entry", {"before": first}, execution_id=third)
    ask("change_queue", {"execution_ids": [second, third], "held": True})
    ask("remove_from_queue", execution_id=second)
    session = CalibOrchestrator(CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id="default"), qdash)
    session.initialize()
    ask("list_locks"), ask("runs_on_chip"), ask("show_queue_entry", execution_id=first)
    ask("execution_progress", execution_id=session.execution.execution_id)
    ask("release_lock", force="true", reason="the run hangs")
    with suppress(LockedError):
        session.cancel()
    ask("cancel_execution", flow_run_id=first)


def notes(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    ask("note_qubit", {"content": "colder since the new package"})
    ask("note_metric_of_qubit", {"content": "a defect near 5.01 GHz"})
    ask("note_result", {"content": "the best trace"})
    recorder.names["seq"] = str(ask("note_events_of_target")["items"][0]["seq"])


def issues(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    task = recorder.names["task_id"]
    body = {"title": "Qubit 0: T1 is shorter than last week", "task_id": task, "body": f"See the trace: ![trace](result:{task})", "labels": ["coherence"], "assignees": ["bob"]}
    issue = recorder.names["issue_id"] = str(ask("open_issue", body)["issue_id"])
    ask("open_issue", {**body, "title": "Qubit 0: T1 jumps"})
    ask("edit_issue", {"state": "in progress"})
    ask("assign_issue", {"add": ["admin"], "remove": ["bob"]})
    ask("comment_issue", {"text": "The pump of the amplifier was off."})
    ask("close_issue", {"comment": "The pump is on again."})
    ask("reopen_issue", {})


def tags(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    ask("add_tag", {"name": "nightly"})
    ask("replace_tags", {"names": ["night"], "to": "nightly"})


def flows(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    ask("validate_flow", {"source": FLOW, "function": "night"})
    ask("find_flow_problems", {"source": FLOW.replace("1024", "many"), "function": "night"})
    for description in ("Measure at night.", "Measure every night."):
        ask("save_flow", {"source": FLOW, "function": "night", "chip_id": CHIP, "description": description, "tags": ["nightly"]}, name="night")
    for read in ("show_flow", "show_flow_source"):
        ask(read, name="night")
    ask("show_flow_version", name="night", version="1")
    ask("save_flow", {"source": FLOW, "function": "night"}, name="old")
    ask("delete_flow", name="old")
    ask("show_deleted_flow", name="old")


def timetables(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    cron = {"kind": "cron", "expression": "0 2 * * *"}
    moment = {"kind": "moment", "at": "2026-01-20T08:00:00Z"}
    ask("create_timetable", {"name": "nightly", "request": {"chip_id": CHIP, "flow": "check", "tags": ["nightly"]}, "when": cron, "timezone": "Asia/Tokyo", "missed": "once", "begin_within_s": 7200.0})
    ask("create_timetable", {"name": "morning", "digest": {"chip_id": CHIP, "since": "18:00"}, "when": cron})
    ask("create_timetable", {"name": "clean", "keep": {"raw": 90.0}, "when": moment})
    ask("edit_timetable", {"when": {"kind": "interval", "every_s": 21_600.0}}, name="morning")
    ask("start_timetable", name="nightly")
    ask("show_timetable", name="nightly")


def backups(qdash: QDash, recorder: Recorder) -> None:
    folder = Path(qdash.settings.home)
    qdash.timetables.add(
        qdash.access(DEFAULT_USER), "backup", None, Cron(expression="0 4 * * *"), backup=BackupRequest(folder=str(folder), keep=14)
    )
    record_backup(qdash.store, folder / "qdash-1.tar", get_clock().now() - timedelta(hours=2))


def files(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    ask("write_file", content=b"Q00: 31.5\n")
    recorder.client.put("/files/config/content", params={"path": "t1.yaml"}, content=b"Q00: 45.2\n", headers={"if-match": "*"}).raise_for_status()
    ask("check_file", content=b"Q00: [\n")
    ask("write_file", content=b"qid,t1\n0,31.5\n", path="t1.csv")
    ask("preview_file", path="t1.csv")
    array = io.BytesIO()
    np.save(array, np.linspace(0.0, 1.0, 5))
    ask("write_file", content=array.getvalue(), path="trace.npy")
    ask("preview_file", path="trace.npy")
    versions = ask("list_file_versions")["items"]
    ask("compare_file_versions", before=versions[-1]["version"])
    ask("restore_file", {"path": "t1.yaml", "version": versions[-1]["version"], "reason": "wrong cool-down"})
    ask("pull_files", root="tree")
    ask("write_file", content=b"Q01: 31.5\n", root="tree")
    ask("show_work_tree", root="tree")
    ask("commit_files", {"reason": "T1 of the new cool-down"}, root="tree")


def exchange(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    table = b"target,parameter,value,error,unit\n0,t1,46.1,0.9,us\n77,t1,1,,us\n"
    ask("import_values", content=table, write="true", **{"name": "values.csv"})


def conversation(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    number = recorder.names["conversation_id"] = ask("create_conversation", {"chip_id": CHIP, "shared": True})["conversation_id"]
    ask("ask_question", {"question": "How is qubit 0?"})
    ask("edit_conversation", {"title": "Qubit 0 in January", "shared": True})
    ask("show_conversation")
    ask("confirm_proposal", message="1", proposal="1")
    ask("show_conversation")


PARTS: tuple[Callable[[QDash, Recorder], None], ...] = (
    people, chip, first_run, second_day, refits, values, scopes, adoption, queue, notes, issues, tags, flows, timetables, backups, files, exchange, conversation,
)  # fmt: skip


class Observer(SilentProgress):
    """Observer that asks for the progress of the run."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def finished(self, result: TaskResultModel) -> None:
        """Ask for the progress."""
        if result.qid == "1" and result.name == "CheckRabi":
            self._recorder.ask("execution_progress")


def perform(qdash: QDash, execution_id: str, observer: SilentProgress | None = None) -> None:
    """Perform a run as the process of a worker does."""
    qdash.runs.perform("default", execution_id, observer or SilentProgress(), alone=False)
    qdash.runs.queue.conclude("default", execution_id, died=False)
