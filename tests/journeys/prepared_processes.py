"""Processes of `qdash` that need not import everything anew: one is prepared, and each command is a fork of it.

Run as a script, it reads one request a line from standard input and answers each with a line when the command has ended.
A command has a process, an environment, a folder and streams of its own, as if it had been started by a shell; only
reading the modules from disk is done once for all. Where that is what a test is about, it starts `qdash` itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module, invalidate_caches
from typing import Any

MODULES = (
    "yaml",
    "rich.table",
    "qdash_core.application",
    "qdash_core.cli.calibrate",
    "qdash_core.cli.chips",
    "qdash_core.cli.executions",
    "qdash_core.cli.flows",
    "qdash_core.cli.home",
    "qdash_core.cli.main",
    "qdash_core.cli.metrics",
    "qdash_core.cli.plugins",
    "qdash_core.cli.tasks",
    "qdash_core.cli.rendering.watching",
    "qdash_core.runners.local",
    "qdash_core.runners.messages",
    "qdash_core.plugin",
    "qdash_core.repositories.memory",
    "qdash_core.repositories.sqlite",
    "qdash_fake.backend",
    "qdash_fake.chips",
    "qdash_fake.cli.demo",
    "qdash_fake.cli.twin",
    "qdash_fake.comparison",
    "qdash_fake.plugin",
    "qdash_fake.tasks",
)


def serve() -> None:
    """Answer requests until standard input ends."""
    for module in MODULES:
        import_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            run(request)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def run(request: dict[str, Any]) -> None:
    """Become the process that was asked for, and end."""
    signal.alarm(request["seconds"])
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if "PYTHONPATH" in os.environ:  # where Python would put it: behind the folder of the script
        sys.path[1:1] = os.environ["PYTHONPATH"].split(os.pathsep)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    invalidate_caches()
    streams = (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], os.O_WRONLY),
        (2, request["err"], os.O_WRONLY),
    )
    for number, path, flags in streams:
        handle = os.open(path, flags)
        os.dup2(handle, number)
        os.close(handle)
    status = 1
    try:
        from qdash_core.cli.main import main

        main(request["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
