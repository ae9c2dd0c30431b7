"""Processes of `qdash` that need not import everything anew: one is prepared, and each command is a fork of it.

Run as a script, it answers at a socket all who connect: a client of `clients`, or who asks for commands one after the other, a
request a line, each answered with a line when the command has ended. All test processes share it; it ends with the last of them.
A command has a process, an environment, a folder and streams of its own, as if it had been started by a shell; only
reading the modules from disk is done once for all. The process in which a command has a run performed is another such fork.
Where that is what a test is about, it starts `qdash` itself.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module, invalidate_caches
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

PACKAGES = ("qdash_core", "qdash_analysis", "qdash_tasks", "qdash_fake")
PLUGINS = (
    "qdash_api.plugin",
    "qdash_mongo.store",
    "qdash_original.plugin",
    "qdash_prefect.runner",
    "qdash_qubex.backend",
    "qdash_qubex.native.tasks",
    "qdash_qubex.system.tasks",
    "qdash_ui_streamlit.plugin",
)
"""Modules of the other members that nearly every command that measures imports, and its run again."""
LIBRARIES = ("rich.table", "scipy.optimize", "yaml")
_OF_GROUPS = (["executions", "resume"], ["flow", "run"], ["task", "run"])
"""Commands of groups that may have a run performed."""
_NO_COMMAND_NEEDS = "qdash_core.testing"


def read_modules(*others: str) -> None:
    """Import whatever a command may need, and what is named besides."""
    for name in PACKAGES:
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}."):
            if not module.name.startswith(_NO_COMMAND_NEEDS):
                import_module(module.name)
    for name in PLUGINS + LIBRARIES + others:
        import_module(name)
    gc.freeze()  # or each fork would look through all of it, and copy it by doing so


def serve(listening: socket.socket, *modules: str) -> None:
    """Answer all who connect, each by a process of its own, until the last of them is gone; modules that are named are read, too."""
    from clients import answer

    read_modules(*modules)
    listening.settimeout(0.2)
    serving: set[int] = set()
    while True:
        try:
            client, _ = listening.accept()
        except TimeoutError:
            serving -= set(_ended())
            if not serving:
                return
            continue
        with client:
            client.setblocking(True)
            serving.add(os.fork())
            if 0 in serving:
                listening.close()
                _, streams, _, _ = socket.recv_fds(client, 1, 3)
                if streams:
                    answer(client, streams)
                else:
                    _answer_lines(client)
                os._exit(0)


def _ended() -> Iterator[int]:
    """Yield the processes that have ended since somebody asked."""
    with suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            yield pid


def _answer_lines(client: socket.socket) -> None:
    with client.makefile("rw", encoding="utf-8") as lines:
        print("ready", file=lines, flush=True)
        for line in lines:
            child = os.fork()
            if child == 0:
                run(json.loads(line))
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), file=lines, flush=True)


def run(request: dict[str, Any]) -> NoReturn:
    """Become the process that was asked for, and end."""
    signal.alarm(request["seconds"])
    if request["umask"] >= 0:
        os.umask(request["umask"])
    streams = (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], os.O_WRONLY),
        (2, request["err"], os.O_WRONLY),
    )
    for number, path, flags in streams:
        handle = os.open(path, flags)
        os.dup2(handle, number)
        os.close(handle)
    become_command(request["arguments"], request["environment"], request["folder"])


def become_command(arguments: list[str], environment: Mapping[str, str], folder: str) -> NoReturn:
    """Run a command as a process that begins in a folder with an environment does, and end with its exit status."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    look_for_packages()
    if _may_begin_a_run(arguments):
        let_runs_be_forks()
    status = 1
    try:
        from qdash_core.cli.main import main

        main(arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def look_for_packages() -> None:
    """Find packages where the environment says, and those that are there only since the modules were read."""
    if "PYTHONPATH" in os.environ:  # where Python would put it: behind the folder of the script
        sys.path[1:1] = os.environ["PYTHONPATH"].split(os.pathsep)
    invalidate_caches()


def _may_begin_a_run(arguments: list[str]) -> bool:
    return arguments[:1] in (["calibrate"], ["demo"]) or arguments[:2] in _OF_GROUPS


class Waiting:
    """A fork that becomes the process of a run when it is told to, and ends when nobody can tell it to any more."""

    def __init__(self) -> None:
        self._here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            self._here.close()
            become_run(there)
        there.close()

    def begin(self, streams: list[int], environment: Mapping[str, str]) -> None:
        """Let it begin with these standard streams."""
        with self._here as here:
            socket.send_fds(here, [b"."], streams)
            here.sendall(json.dumps(dict(environment)).encode())


def become_run(told: socket.socket) -> None:
    """Wait to be told what the process of a run has of its own, be that process, and end."""
    _, streams, _, _ = socket.recv_fds(told, 1, 3)
    if not streams:
        os._exit(0)
    environment = json.loads(b"".join(iter(lambda: told.recv(65536), b"")))
    told.close()
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    del sys.path[0]  # as `python -P` does
    status = 1
    try:
        from qdash_core.runs.process import main

        main()
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def let_runs_be_forks() -> None:
    """Let the first run of this process, which has done nothing yet, be performed by a fork of it."""
    from qdash_core.runners import process

    waiting = [Waiting()]

    class Begun(subprocess.Popen[bytes]):
        def _execute_child(self, args: list[str], *given: Any) -> None:
            if args != [*process.COMMAND] or not waiting:
                super()._execute_child(args, *given)  # type: ignore[misc]
                return
            environment, pipes = given[5], given[9:15]
            fork = waiting.pop()
            fork.begin([pipes[0], pipes[3], pipes[5]], environment)
            self.pid, self._child_created = fork.pid, True
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    process.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": Begun})  # type: ignore[assignment]


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as socket_of_all:
        serve(socket_of_all, *sys.argv[2:])
