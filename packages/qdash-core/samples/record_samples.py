"""Recorder of the examples of the OpenAPI document: `python packages/qdash-core/samples/record_samples.py`.

It lives through some days of a laboratory with a twin of four qubits in a temporary home with a simulated clock, asks the
operations of a host, and writes the best answer of each view model, and the bodies, into `qdash_core/documents/samples.json`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from cleaning import Cleaner
from fastapi.testclient import TestClient
from laboratory_days import NAMES, Laboratory, live_through, make_remote
from recorder import Recorder

import qdash_api.plugin
import qdash_core.plugin
import qdash_fake.plugin
import qdash_pictures.plugin
import qdash_tasks.plugin
from qdash_api import create_app
from qdash_core.clock import CLOCK_FILE, SimulatedClock, machine_now
from qdash_core.documents.samples import FILE
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

START = datetime(2026, 1, 6, 8, tzinfo=UTC)
_PLUGINS = {
    "api": qdash_api.plugin,
    "core": qdash_core.plugin,
    "fake": qdash_fake.plugin,
    "pictures": qdash_pictures.plugin,
    "tasks": qdash_tasks.plugin,
}


def record(folder: Path) -> dict[str, Any]:
    """Return the sample of each model by its name, from a laboratory in an empty folder."""
    began, home = machine_now(), folder / "home"
    home.mkdir(mode=0o700)
    SimulatedClock.create(home / CLOCK_FILE, START)
    roots: dict[str, Any] = {
        name: {"path": folder / name, "projects": ["default"]} for name in ("config", "tree")
    }
    for root in roots.values():
        root["path"].mkdir()
    roots["tree"]["remote_url"] = make_remote(folder / "remote.git").as_uri()
    settings = Settings(home=home, flow_authors="editors", file_roots=roots, assistant="scripted")
    registry = load_plugins(blocked=(), extra={**_PLUGINS, "laboratory": Laboratory()}, installed_too=False)
    app = create_app(settings, registry)
    with (
        TestClient(app) as client,
        patch("qdash_core.runs.chip_schedules.time.perf_counter", return_value=0.0),
    ):
        secret, _ = app.state.qdash.tokens.create(DEFAULT_USER, "recorder", scope=TokenScope.ADMIN)
        client.headers["authorization"] = f"Bearer {secret}"
        recorder = Recorder(client, NAMES)
        live_through(app.state.qdash, recorder)
        recorder.ask_reads()
    cleaner = Cleaner(folder, began=began, start=START)
    return {name: cleaner.clean(sample) for name, sample in recorder.list_samples().items()}


def write(samples: dict[str, Any]) -> str:
    """Return samples as JSON, a line for each model."""
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in samples.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        FILE.write_text(write(record(Path(made))), "utf-8")
