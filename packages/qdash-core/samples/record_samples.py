"""Recorder of the examples in the OpenAPI document: `python packages/qdash-core/samples/record_samples.py`."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
import json, traceback
from fastapi.testclient import TestClient
import laboratory_day
from laboratory_day import NAMES, live_through, PARTS, Assistant
from recorder import DECLARED, Recorder, list_models
import qdash_pictures.plugin, qdash_api.plugin, qdash_core.plugin, qdash_fake.plugin, qdash_tasks.plugin
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
    roots = {}
    for n in ("config", "tree"):
        (Path(folder)/n).mkdir()
        roots[n] = {"path": Path(folder)/n, "projects": ["default"]}
    from dulwich import porcelain
    from dulwich.repo import Repo
    with TemporaryDirectory() as w:
        porcelain.init(w); (Path(w)/"a.yaml").write_text("a: 1\n"); porcelain.add(w, [str(Path(w)/"a.yaml")]); porcelain.commit(w, message=b"first", author=b"a <>", committer=b"a <>")
        porcelain.branch_create(w, "main") if b"refs/heads/main" not in Repo(w).refs.allkeys() else None
        porcelain.clone(w, str(Path(folder)/"remote.git"), bare=True, branch=b"main")
    roots["tree"]["remote_url"] = (Path(folder)/"remote.git").as_uri()
    app = create_app(Settings(home=home, flow_authors="editors", file_roots=roots, assistant="scripted"), load_plugins(blocked=(), extra={"pictures": qdash_pictures.plugin, "core": qdash_core.plugin, "api": qdash_api.plugin, "fake": qdash_fake.plugin, "tasks": qdash_tasks.plugin, "scripted": Assistant()}, installed_too=False))
    with TestClient(app, raise_server_exceptions=True) as client:
        qdash = app.state.qdash
        secret, _ = qdash.tokens.create(DEFAULT_USER, "recorder", scope=TokenScope.ADMIN)
        client.headers["authorization"] = f"Bearer {secret}"
        rec = Recorder(client, NAMES)
        for p in PARTS:
            t1=time.time()
            try: p(qdash, rec)
            except Exception as e: print("FAILED", p.__name__, repr(e)[:500], traceback.extract_tb(e.__traceback__)[1].lineno)
            print(p.__name__, round(time.time()-t1, 2))
        print(time.time()-t0)
        for n, w in rec.ask_reads().items(): print("REFUSED", n, w[:300])
    s = rec.list_samples()
    print(len(s), time.time()-t0)
    need = {m.__name__ for o in DECLARED.values() for m in list_models(o)}
    print("MISSING", sorted(need - s.keys()))
    old = {n for n, x in json.load(open("packages/qdash-remote/openapi.json"))["components"]["schemas"].items() if x.get("examples") and x.get("x-python-module","").startswith("qdash_core")}
    print("MISSING OLD", sorted(old - s.keys() - need))
    Path("/tmp/h/samples87-bench/out.json").write_text(json.dumps(s, indent=1))
