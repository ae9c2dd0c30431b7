"""Measurements of the laboratory, and what follows from them: values, decisions, value scopes, the queue."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from laboratory import CHIP, PROJECT, Observer

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import RUNS
from qdash_core import CalibConfig, CalibOrchestrator, LockedError
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.locks.presence import ProcessRegistration
from qdash_core.models.chip import ParameterModel
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_USER
from qdash_core.process.clock import SimulatedClock, get_clock
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_fake.simulations import simulate_chip

if TYPE_CHECKING:
    from collections.abc import Callable

    from recorder import Recorder

    from qdash_core.runtime.application import QDash

_LINES = {"mux": 0, "ctrl": ["U10B-5", "U10B-6", "U10B-7"], "read_out": "S159A-8", "read_in": "S159A-7"}
_FEW_SHOTS, _NIGHTS = 16, 3


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
    ask("mark_cooldown_cold", {"base_at": "2026-01-07T06:15:00Z"})


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
    ask("explain", subject="3", chip=CHIP)
    ask("show_selected_results", execution_id=failed)
    ask("complete_metric_history", target="0")
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
    ask("send_digest", since="36h")
    ask("show_report_page", subject=CHIP, format="markdown")
    ask("export_files", format="device")
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
        Repositories(transaction).of(QubitCalibrationRepository).update_calib_data(
            PROJECT, CHIP, "1", {"t1": old}
        )


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
    qdash.get(CHIPS).create(access, "cold", get_builtin_topology("linear-2"), backend="rack")
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


MEASUREMENTS: tuple[Callable[[QDash, Recorder], None], ...] = (
    _make_chips,
    _calibrate,
    _measure_for_a_day,
    _analyse_again,
    _decide_on_values,
    _try_values,
    _adopt_values,
    _queue_runs,
)
"""Parts of the days in their order."""


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
    qdash.get(RUNS).perform(PROJECT, execution_id, observer or SilentProgress(), alone=False)
    qdash.get(RUNS).queue.conclude(PROJECT, execution_id, died=False)
