"""A program: runs a Prefect server as long as any test process has a lock on a file, whichever of them started it."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from pathlib import Path

from qdash_prefect.server import PrefectServer

if os.fork():
    os._exit(0)  # nobody has to wait for the end of it
folder = Path(sys.argv[1])
with PrefectServer(folder) as server, (folder / "users").open("a") as users:
    reached = {"port": server.port, "auth_string": server.auth_string}
    (folder / "reached.json").write_text(json.dumps(reached), encoding="utf-8")
    sys.stdout.write("answers\n")
    sys.stdout.flush()
    fcntl.flock(users, fcntl.LOCK_EX)
