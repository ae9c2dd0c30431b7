"""Recorder of the examples of the OpenAPI document: `python packages/qdash-builtin/samples/record_samples.py [FILE]`.

It lives through some days of a laboratory with a twin of four qubits in a temporary home with a simulated clock, asks the
operations of a host, and writes the best answer of each view model, and the bodies, into FILE, by default
`qdash_builtin/samples.json`.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from cleaning import Cleaner
from fastapi.testclient import TestClient
from laboratory import CHIP, PROJECT, Laboratory, make_remote
from measurements import MEASUREMENTS
from office_work import OFFICE_WORK, manage_people
from recorder import DISTRIBUTIONS, Recorder

from qdash_api import create_app
from qdash_builtin.people.feature import TOKENS
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.token import TokenScope
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, machine_now
from qdash_core.settings import Settings

START = datetime(2026, 1, 6, 8, tzinfo=UTC)
_NAMES = {
    "chip_id": CHIP, "chip": CHIP, "qid": "0", "coupling_id": "0-1", "target": "0", "target_id": "0", "metric": "t1",
    "metric_key": "t1", "task": "CheckT1", "name": "CheckT1", "project_id": PROJECT, "scope": "qubit", "q": "cold",
    "root": "config", "path": "t1.yaml", "username": "bob", "cryo_id": "fridge", "cooldown_id": "cd-7", "kind": "qubit",
}  # fmt: skip
"""Required parameters of the operations."""


def record(folder: Path) -> dict[str, Any]:
    """Return the sample of each model by its name, from a laboratory in an empty folder."""
    began, home, ids = machine_now(), folder / "home", Random(0)  # noqa: S311  no secrets
    home.mkdir(mode=0o700)
    SimulatedClock.create(home / CLOCK_FILE, START)
    roots: dict[str, Any] = {
        name: {"path": folder / name, "projects": ["default"]} for name in ("config", "tree")
    }
    for root in roots.values():
        root["path"].mkdir()
    roots["tree"]["remote_url"] = make_remote(folder / "remote.git").as_uri()
    settings = Settings(
        home=home, flow_authors="editors", file_roots=roots, assistant="scripted", timezone="UTC"
    )
    registry = load_plugins(blocked=(), extra={"laboratory": Laboratory()}, installed_too=DISTRIBUTIONS)
    app = create_app(settings, registry)
    with (
        TestClient(app) as client,
        patch("uuid.uuid4", lambda: UUID(int=ids.getrandbits(128), version=4)),  # lists have the order of ids
        patch("qdash_builtin.chips.chip_schedules.time", SimpleNamespace(perf_counter=lambda: 0.0)),
    ):
        secret, _ = app.state.qdash.get(TOKENS).create(DEFAULT_USER, "recorder", scope=TokenScope.ADMIN)
        client.headers["authorization"] = f"Bearer {secret}"
        recorder = Recorder(client, dict(_NAMES))
        for part in (manage_people, *MEASUREMENTS, *OFFICE_WORK):
            part(app.state.qdash, recorder)
        recorder.ask_reads()
    cleaner = Cleaner(folder, began=began, ended=machine_now(), start=START)
    return {name: cleaner.clean(sample) for name, sample in recorder.list_samples().items()}


def format_samples(samples: dict[str, Any]) -> str:
    """Return samples as JSON, a line for each model."""
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in samples.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(str(files("qdash_builtin"))) / "samples.json"
    with TemporaryDirectory() as made:
        file.write_text(format_samples(record(Path(made))), "utf-8")
