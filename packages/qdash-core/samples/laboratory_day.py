"""A day of a small laboratory: two qubits of a twin are calibrated, and every operation is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_core.models.project import DEFAULT_USER
from qdash_core.progress import SilentProgress

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.application import QDash

    from recorder import Recorder

CHIP = "pair"
NAMES = {
    "chip_id": CHIP, "chip": CHIP, "qid": "0", "coupling_id": "0-1", "target": "0", "metric": "t1", "metric_key": "t1",
    "task": "CheckT1", "project_id": "default", "name": "CheckT1", "root": "config", "path": "t1.yaml", "q": "cold",
    "scope": "qubit", "target_id": "0",
}  # fmt: skip


def live_through(qdash: QDash, recorder: Recorder, files: Path) -> None:
    ask = recorder.ask
    calibrate(qdash, recorder)


def calibrate(qdash: QDash, recorder: Recorder) -> None:
    ask = recorder.ask
    recorder.client.post("/plugins/fake/twins", json={"chip_id": CHIP, "device": "linear-2"}).raise_for_status()
    run = ask("submit_run", {"chip_id": CHIP, "flow": "bring-up", "tags": ["nightly"]})["execution_id"]
    perform(qdash, run)
    recorder.names["execution_id"] = run
    results = ask("list_results", limit=200)["items"]
    print([(r["name"], r["qid"], r.get("verdict")) for r in results])
    recorder.names["task_id"] = next(one["task_id"] for one in results if one["name"] == "CheckT1")


def perform(qdash: QDash, execution_id: str) -> None:
    """Perform a run as the process of a worker does."""
    qdash.runs.perform("default", execution_id, SilentProgress(), alone=False)
    qdash.runs.queue.conclude("default", execution_id, died=False)
