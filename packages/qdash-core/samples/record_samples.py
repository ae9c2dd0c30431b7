"""Recorder of the examples in the OpenAPI document: `python packages/qdash-core/samples/record_samples.py`."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
import json
from fastapi.testclient import TestClient
from laboratory_day import NAMES, live_through
from recorder import DECLARED, Recorder, list_models

from qdash_api import create_app
from qdash_core.clock import CLOCK_FILE, SimulatedClock
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

START = datetime(2026, 1, 6, 8, tzinfo=UTC)

t0=time.time()
with TemporaryDirectory() as folder:
    home = Path(folder) / "home"
    home.mkdir(mode=0o700)
    SimulatedClock.create(home / CLOCK_FILE, START)
    app = create_app(Settings(home=home, flow_authors="editors"), load_plugins())
    with TestClient(app, raise_server_exceptions=True) as client:
        qdash = app.state.qdash
        secret, _ = qdash.tokens.create(DEFAULT_USER, "recorder", scope=TokenScope.ADMIN)
        client.headers["authorization"] = f"Bearer {secret}"
        rec = Recorder(client, NAMES)
        live_through(qdash, rec, Path(folder))
        print(time.time()-t0)
        for n, w in rec.ask_others().items(): print("REFUSED", n, w[:200])
    s = rec.list_samples()
    print(len(s), time.time()-t0)
    need = {m.__name__ for o in DECLARED.values() for m in list_models(o)}
    print("MISSING", sorted(need - s.keys()))
    Path("/tmp/h/samples87-bench/out.json").write_text(json.dumps(s, indent=1))
