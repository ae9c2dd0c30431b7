"""A small database of the original system as its models wrote it, with some broken documents.

Two projects. `lab` has the chip `64Q` in the format of later versions, with documents for qubits and
couplings beside the maps in the chip, and `OLD`, with only the maps. `other` is a minimal second project.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Documents = dict[str, list[dict[str, Any]]]

JST = "2024-06-03T18:00:00+09:00"
NOON = "2024-06-03T12:00:00Z"
NAIVE = "2024-06-03T09:00:00"
WHEN = datetime(2024, 6, 3, 9, tzinfo=UTC)
INFO = {"created_at": JST, "updated_at": NOON}


def sample() -> Documents:
    """Return the documents by collection, each with an `_id`."""
    documents = {**_people(), **_chips(), **_histories(), **_runs(), **_notes()}
    number = 0
    for several in documents.values():
        for document in several:
            number += 1
            document["_id"] = f"665d9f80{number:016x}"  # an ObjectId of 2024-06-03T10:48:00Z
            document["revision_id"] = None
    return documents


def value(number: Any, unit: str, *, error: Any = 0, **fields: Any) -> dict[str, Any]:
    """Return a value in the format of the original: an error of 0 is unknown."""
    return {
        "value": number,
        "value_type": "float",
        "error": error,
        "unit": unit,
        "description": "",
        "calibrated_at": JST,
        "execution_id": "20240603-001",
        "task_id": "task-1",
    } | fields


def _people() -> Documents:
    return {
        "user": [
            {"user_id": "u-admin", "username": "admin", "hashed_password": "$2b$12$admin", "access_token": "secret-admin",
             "default_project_id": "lab", "full_name": "The Admin", "disabled": False, "system_info": INFO},
            {"user_id": "u-alice", "username": "alice", "hashed_password": "$2b$12$alice", "access_token": "secret-alice",
             "default_project_id": "lab", "full_name": None, "disabled": False, "system_info": INFO},
            {"user_id": "u-bob", "username": "bob", "hashed_password": "$2b$12$bob", "access_token": "secret-bob",
             "default_project_id": "other", "disabled": True, "system_info": INFO},
            {"user_id": "u-none", "hashed_password": "x", "access_token": "y", "system_info": INFO},
        ],
        "project": [
            {"project_id": "lab", "owner_user_id": "u-admin", "owner_username": "admin", "name": "The laboratory",
             "description": "Fridge K", "tags": ["main"], "system_info": INFO},
            {"project_id": "other", "owner_user_id": "u-bob", "owner_username": "bob", "name": "Other", "system_info": INFO},
        ],
        "project_membership": [
            {"project_id": "lab", "user_id": "u-admin", "username": "admin", "role": "owner", "status": "active",
             "invited_by": None, "system_info": INFO},
            {"project_id": "lab", "user_id": "u-alice", "username": "alice", "role": "editor", "status": "active",
             "invited_by": "admin", "invited_by_user_id": "u-admin", "last_accessed_at": NAIVE, "system_info": INFO},
            {"project_id": "other", "user_id": "u-bob", "username": "bob", "role": "owner", "status": "active",
             "system_info": INFO},
            {"project_id": "lab", "user_id": "u-bob", "username": "bob", "role": "emperor", "system_info": INFO},
        ],
        "backend": [
            {"project_id": "lab", "username": "admin", "name": "qubex", "system_info": INFO},
            {"project_id": "other", "username": "bob", "name": "fake", "system_info": INFO},
            {"project_id": "other", "username": "bob", "name": "qubex", "system_info": INFO},
        ],
        "tag": [{"project_id": "lab", "username": "alice", "name": "daily"}, {"project_id": "lab", "username": "alice"}],
    }  # fmt: skip


def _chips() -> Documents:
    four = {
        str(number): {
            "project_id": "lab",
            "username": "alice",
            "qid": str(number),
            "status": "pending",
            "chip_id": "64Q",
            "data": {},
        }
        for number in range(4)
    }
    old = {"chip_id": "OLD", "username": "alice"}
    return {
        "chip": [
            {"project_id": "lab", "username": "alice", "chip_id": "64Q", "size": 64, "current_cooldown_id": "2024-001",
             "topology_id": "square-lattice-mux-64", "qubits": four, "couplings": {}, "installed_at": JST,
             "note": {"content": "serial 7", "updated_by": "alice", "updated_at": WHEN}, "system_info": INFO},
            {"project_id": "lab", "username": "alice", "chip_id": "OLD", "size": 2, "installed_at": NAIVE, "system_info": INFO,
             "qubits": {
                 "0": {**old, "qid": "0", "status": "completed", "data": {"t1": value(41000.0, "ns", error=500.0)}},
                 "Q01": {**old, "qid": "Q01", "status": "running", "data": {"t1": value("long", "μs")}},
                 "x": {**old, "qid": "x", "status": "pending", "data": {}},
             },
             "couplings": {"0-1": {**old, "qid": "0-1", "status": "pending", "data": {}}}},
            {"project_id": "other", "username": "bob", "chip_id": "B", "size": 1, "qubits": {}, "couplings": {},
             "installed_at": JST, "system_info": INFO},
            {"project_id": "gone", "username": "bob", "chip_id": "C", "size": 1, "installed_at": JST, "system_info": INFO},
        ],
        "qubit": [
            {"project_id": "lab", "username": "alice", "qid": "0", "status": "completed", "chip_id": "64Q", "system_info": INFO,
             "note": {"content": "used in paper X", "updated_by": "alice", "updated_at": WHEN},
             "metric_notes": {"t1": {"content": "jumps at night", "updated_by": "alice", "updated_at": WHEN},
                              "t2_echo": "no note"},
             "data": {"qubit_frequency": value(5.0, "GHz", error=0.001), "t1": value(40.5, "μs"),
                      "t2_echo": value(Decimal("33.25"), "µs", error=Decimal("1.5")),
                      "anharmonicity": value(-320.0, "MHz", error=2.0),
                      "average_readout_fidelity": value(97.5, "%"),
                      "drag_hpi_beta": value(math.nan, ""), "hpi_length": value(30, "GHz"),
                      "fancy": value(1.0, "furlong", error=-1.0, colour="red")}},
            {"project_id": "lab", "username": "alice", "qid": "Q01", "status": "completed", "chip_id": "64Q", "system_info": INFO,
             "data": {}, "fridge": "K-101"},
            {"project_id": "lab", "username": "alice", "qid": "07", "status": "pending", "chip_id": "64Q", "system_info": INFO,
             "data": {}},
            {"project_id": "lab", "username": "alice", "qid": "0", "status": "pending", "chip_id": "LOST", "system_info": INFO,
             "data": {}},
            {"project_id": "other", "username": "bob", "qid": "0", "status": "pending", "chip_id": "B", "data": {}},
        ],
        "coupling": [
            {"project_id": "lab", "username": "alice", "qid": "1-0", "status": "completed", "chip_id": "64Q", "system_info": INFO,
             "data": {"zx_rotation_rate": value(1.5, "MHz", error=0)}},
            {"project_id": "lab", "username": "alice", "qid": "0-1", "status": "pending", "chip_id": "64Q", "system_info": INFO,
             "data": {}},
            {"project_id": "lab", "username": "alice", "qid": "2-3", "status": "pending", "chip_id": "64Q", "system_info": INFO,
             "data": {}, "metric_notes": {"static_zz_interaction": {"content": "large", "updated_by": "bob", "updated_at": WHEN}}},
            {"project_id": "lab", "username": "alice", "qid": "3-9", "status": "pending", "chip_id": "64Q", "system_info": INFO,
             "data": {}},
        ],
    }  # fmt: skip


def _histories() -> Documents:
    day = {
        "project_id": "lab",
        "username": "alice",
        "chip_id": "64Q",
        "system_info": INFO,
        "recorded_date": "20240603",
    }
    qubit = {"username": "alice", "chip_id": "64Q", "status": "completed", "data": {"t1": value(39.0, "us")}}
    return {
        "qubit_history": [
            {**day, "qid": "0", "status": "completed", "data": {"t1": value(40.0, "μs")}, "cooldown_id": "2024-001"},
            {**day, "qid": "1", "status": "pending", "data": {}, "recorded_date": "June 3rd"},
        ],
        "coupling_history": [{**day, "qid": "1-0", "status": "completed", "data": {}}],
        "chip_history": [
            {**day, "size": 64, "installed_at": JST,
             "qubits": {"0": {**qubit, "qid": "0"}, "1": {**qubit, "qid": "1"}, "2": {**qubit, "qid": "2", "status": "failed"}},
             "couplings": {"0-1": {**qubit, "qid": "0-1"}, "2-3": {**qubit, "qid": "2-3", "status": "pending"}}},
            {**day, "size": 64, "installed_at": JST, "qubits": {}, "couplings": {}, "recorded_date": "20240604"},
        ],
    }  # fmt: skip


def _runs() -> Documents:
    common = {"project_id": "lab", "username": "alice", "chip_id": "64Q", "system_info": INFO}
    execution = {
        **common,
        "name": "daily",
        "calib_data_path": "/app/calib_data/alice/20240603/001",
        "tags": ["daily"],
    }
    result = {
        **common, "execution_id": "20240603-001", "upstream_id": "", "status": "completed", "message": "ok", "task_type": "qubit",
        "input_parameters": {}, "output_parameters": {}, "output_parameter_names": ["t1"], "note": {}, "tags": ["daily"],
        "figure_path": [], "json_figure_path": [], "raw_data_path": [], "start_at": JST, "end_at": "2024-06-03T18:00:12.500000+09:00",
        "elapsed_time": "0:00:12.500000", "qid": "0",
    }  # fmt: skip
    return {
        "execution_history": [
            {**execution, "execution_id": "20240603-001", "status": "completed", "message": "done", "start_at": WHEN,
             "end_at": datetime(2024, 6, 3, 9, 30, tzinfo=UTC), "elapsed_time": 1800.5,
             "note": {"flow_run_id": "0b1d", "yield": math.inf, "stage": {"first": [1, 2.5]}}},
            {**execution, "execution_id": "20240603-007", "chip_id": "OLD", "status": "failed", "message": "", "start_at": JST,
             "end_at": "", "elapsed_time": "1 day, 2:03:04", "note": {}},
            {**execution, "execution_id": "20240604-000", "status": "running", "message": "", "start_at": JST, "end_at": None,
             "elapsed_time": "a while", "note": {}},
            {**execution, "project_id": "other", "chip_id": "B", "execution_id": "20240603-000", "status": "completed",
             "message": "", "start_at": JST, "end_at": JST, "elapsed_time": "PT1M30.5S", "note": {}},
            {**execution, "execution_id": "20240605-000", "status": "exploded", "note": {}},
        ],
        "task_result_history": [
            {**result, "task_id": "task-1", "name": "CheckT1", "figure_path": ["/app/t1.png"], "raw_data_path": ["/app/t1.csv"],
             "cooldown_id": "2024-001", "user_note": {"content": "nice", "updated_by": "alice", "updated_at": WHEN},
             "input_parameters": {"qubit_frequency": value(5.0, "GHz"),
                                  "time_range": {"unit": "ns", "value_type": "np.logspace", "value": [2, 5, 51], "description": "delays"}},
             "run_parameters": {"shots": {"unit": "", "value_type": "int", "value": 1024, "description": ""}},
             "output_parameters": {"t1": value(40.5, "μs", error=1.25)}},
            {**result, "task_id": "task-2", "name": "CheckT1", "status": "failed", "message": "no decay", "user_note": {"content": "", "updated_by": "", "updated_at": None},
             "start_at": NOON, "end_at": "2024-06-03T12:00:01Z", "elapsed_time": 1.0, "figure_path": "/app/one.png"},
            {**result, "task_id": "task-3", "name": "CheckCrossResonance", "task_type": "coupling", "qid": "1-0"},
            {**result, "task_id": "task-4", "name": "CheckStatus", "task_type": "global", "qid": "", "status": "skipped",
             "start_at": "", "end_at": "", "elapsed_time": ""},
            {**result, "task_id": "task-5", "name": "CheckT1", "qid": "Q1"},
            {**result, "task_id": "task-6", "name": "CheckT1", "qid": "zero"},
            {**result, "name": "CheckT1"},
        ],
        "execution_counter": [
            {**common, "date": "20240603", "index": 7, "chip_id": "OLD"},
            {**common, "date": "20240603", "index": 2, "chip_id": "64Q"},
            {**common, "date": "20240604", "index": 0},
        ],
        "execution_lock": [{"project_id": "lab", "locked": True, "system_info": INFO}],
        "calibration_note": [
            {**common, "execution_id": "20240603-001", "task_id": "task-1", "timestamp": JST, "note": {"Q00": {"frequency": 5.0}}},
        ],
        "task": [
            {"username": "alice", "project_id": "lab", "name": "CheckT1", "backend": "qubex", "description": "T1", "task_type": "qubit",
             "input_parameters": None, "output_parameters": {"t1": {"unit": "μs"}}},
            {"username": "alice", "project_id": "lab", "name": "CheckStatus", "backend": None, "task_type": "global"},
            {"username": "alice", "name": "CheckT2Echo", "task_type": "qubit"},
        ],
    }  # fmt: skip


def _notes() -> Documents:
    about = {
        "project_id": "lab",
        "chip_id": "64Q",
        "target_type": "qubit",
        "metric_key": "t1",
        "system_info": INFO,
    }
    note = {"content": "warm", "updated_by": "alice", "updated_at": WHEN}
    event = {
        "project_id": "lab",
        "chip_id": "64Q",
        "metric_key": "",
        "action": "upsert",
        "actor": "alice",
        "extra": {},
    }
    return {
        "cryostat": [
            {"project_id": "lab", "cryo_id": "K-101", "name": "K", "manufacturer": "Fine Fridges", "status": "active",
             "commissioned_at": WHEN, "note": note, "system_info": INFO},
        ],
        "cooldown": [
            {"project_id": "lab", "cooldown_id": "2024-001", "cryo_id": "K-101", "description": "", "started_at": WHEN,
             "ended_at": None, "chip_ids": ["64Q"], "note": note, "system_info": INFO},
        ],
        "metric_note": [
            {**about, "target_id": "Q00", "note": note, "scope_type": "cooldown", "scope_key": "cooldown:2024-001",
             "cooldown_id": "2024-001", "scope_started_at": WHEN, "scope_ended_at": None, "scope_source": "current_cooldown"},
            {**about, "target_id": "1", "note": note, "scope_type": "time_range", "cooldown_id": None,
             "scope_key": f"time_range:{JST}:{NOON}", "scope_started_at": JST, "scope_ended_at": NOON,
             "scope_source": "manual_time_range"},
        ],
        "note_event": [
            {**event, "scope": "qubit", "target_id": "Q00", "content": "used in paper X", "created_at": WHEN},
            {**event, "scope": "coupling_metric", "target_id": "3-2", "metric_key": "static_zz_interaction", "content": "large",
             "created_at": WHEN},
            {**event, "scope": "task_result", "target_id": "task-1", "content": "nice", "created_at": WHEN,
             "extra": {"qid": "0", "task_name": "CheckT1"}},
            {**event, "scope": "moon", "target_id": "1", "content": "?", "created_at": WHEN},
        ],
        "flows": [
            {"project_id": "lab", "name": "nightly", "username": "alice", "chip_id": "64Q", "description": "every night",
             "flow_function_name": "nightly", "default_parameters": {"qids": ["0"]}, "file_path": "lab/nightly.py",
             "deployment_id": "d-1", "created_at": WHEN, "updated_at": NOON, "tags": ["daily"]},
        ],
    }  # fmt: skip
