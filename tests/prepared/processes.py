"""Prepared process for fast `qdash` commands: it has imported all modules, and each command is a fork of it.

Run as a script, it serves all connections to a socket: from clients of `clients`, or from callers that
request commands one after the other, one request per line, each answered by a line with exit status
and CPU time when the command has ended. All test processes share it; it ends with the last of them. A command has its own process, environment,
folder and streams, as if started by a shell; only the import of the modules is shared. The process in which a
command has a run performed is another such fork. Tests of process start itself start `qdash` directly.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from importlib import import_module, invalidate_caches
from pathlib import Path
from pkgutil import iter_modules
from runpy import run_module, run_path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from qdash_core.hooks.manager import load_plugins
from qdash_core.session.software import read_software

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

PACKAGES = (
    "qdash_core",
    "qdash_builtin",
    "qdash_cli",
    "qdash_sqlite",
    "qdash_analysis",
    "qdash_tasks",
    "qdash_fake",
    "qdash_scheduling",
    "qdash_notify",
    "qdash_pictures",
)
"""Packages of which commands and their runs need most modules."""
PLUGINS = (
    "qdash_api.cli.api",
    "qdash_api.cli.up",
    "qdash_api.plugin",
    "qdash_assistant.plugin",
    "qdash_mongo.store",
    "qdash_original.cli",
    "qdash_original.plugin",
    "qdash_prefect.runner",
    "qdash_qubex.backend",
    "qdash_qubex.formats.calibration_note",
    "qdash_qubex.formats.parameter_folder",
    "qdash_qubex.native.tasks",
    "qdash_qubex.system.tasks",
    "qdash_remote",
    "qdash_remote.cli",
    "qdash_ui_streamlit.cli",
    "qdash_ui_streamlit.plugin",
)
"""Modules of the other members that many commands and their runs import."""
LIBRARIES = (
    "importlib.readers",
    "rich.table",
    "scipy.ndimage",
    "scipy.optimize",
    "tzdata.zoneinfo",
    "tzlocal",
    "yaml",
)
_RUNS = {"calibrate": 1, "demo": 1, "resume": 1, "run": 1, "worker": 4}
"""Commands that have runs performed, and how many of these are forks."""
_FEW_NEED = (".pages", ".tool_server")
"""Folders of features that the dashboard and the server of tools import: a larger process takes longer to fork."""


def read_modules(*others: str) -> None:
    """Import all modules that a command may need, and the named ones, and prepare what each command would prepare."""
    from forks import let_readers_be_forks

    for name in PACKAGES:
        _import_all(name)
    for name in PLUGINS + LIBRARIES + others:
        import_module(name)
    let_readers_be_forks()
    _complete_models(BaseModel)
    registry = load_plugins()  # reads the metadata of installed distributions
    registry.tasks()
    registry.operations()
    read_software(registry, "fake")
    gc.freeze()  # or garbage collection would copy all of it in each fork


def _import_all(name: str) -> None:
    """Import a module, and those in it that a command may need."""
    for module in iter_modules(getattr(import_module(name), "__path__", ()), f"{name}."):
        if not module.name.endswith(_FEW_NEED):
            _import_all(module.name)


def _complete_models(base: type[BaseModel]) -> None:
    """Build the validators of all models, which each fork would otherwise build on first use."""
    for model in base.__subclasses__():
        model.model_rebuild(raise_errors=False)
        _complete_models(model)


def serve(listening: socket.socket, *modules: str) -> None:
    """Serve each connection in a process of its own, until all have ended, with the named modules imported,
    too.
    """
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
    """Yield the processes that have ended since the last call."""
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
            _, status, used = os.wait4(child, 0)
            print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, file=lines, flush=True)


def run(request: dict[str, Any]) -> NoReturn:
    """Become the requested process, and exit."""
    signal.alarm(request["seconds"])
    if request["obeys_permissions"]:
        obey_permissions()
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


def obey_permissions() -> None:
    """Give up root's privileges to ignore the permissions of files, as `setpriv` does."""
    version_3, of_files = 0x20080522, 0b1110  # dac_override, dac_read_search, fowner
    library = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(version_3, 0), (ctypes.c_uint32 * 6)()
    library.capget(header, sets)
    sets[:3] = [one & ~of_files for one in sets[:3]]  # effective, permitted, inheritable
    if library.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def become_command(arguments: list[str], environment: Mapping[str, str], folder: str) -> NoReturn:
    """Run a command in a folder with an environment, as a new process would, and exit with its status."""
    _move(environment, folder)
    let_runs_be_forks(arguments)
    status = 1
    try:
        from qdash_cli.main import main

        main(arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def become_program(arguments: list[str], environment: Mapping[str, str], folder: str) -> NoReturn:
    """Run a script, or a module after `-m`, as Python would, and exit with its status."""
    of_module = arguments[0] == "-m"
    sys.argv = arguments[of_module:]
    sys.path[0] = folder if of_module else str(Path(folder, sys.argv[0]).parent)
    _move(environment, folder)
    let_runs_be_forks(arguments)
    status = 1
    try:
        if of_module:
            run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            run_path(sys.argv[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  it is shown, as at the end of any script
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _move(environment: Mapping[str, str], folder: str) -> None:
    """Take over an environment and a working folder."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if "FAULTS_MARK" in environment:
        show_variable("FAULTS_MARK", environment["FAULTS_MARK"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    look_for_packages()


def show_variable(name: str, value: str) -> None:
    """Make a variable of the environment visible to other processes, which see those from before the fork."""
    _, _, fields = Path("/proc/self/stat").read_text().rpartition(") ")
    start_of_environment = int(fields.split()[47])
    text = f"{name}={value}\0".encode()
    ctypes.memmove(start_of_environment, text, len(text))


def look_for_packages() -> None:
    """Make packages in PYTHONPATH importable, including those installed since the imports."""
    if "PYTHONPATH" in os.environ:  # at Python's own position: after the folder of the script
        sys.path[1:1] = os.environ["PYTHONPATH"].split(os.pathsep)
    invalidate_caches()


class Waiting:
    """A fork that becomes the process of a run on request, and exits when its parent is gone."""

    def __init__(self) -> None:
        self._here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            self._here.close()
            become_run(there)
        there.close()

    def begin(self, streams: list[int], environment: Mapping[str, str]) -> None:
        """Start it with these standard streams and environment."""
        with self._here as here:
            socket.send_fds(here, [b"."], streams)
            here.sendall(json.dumps(dict(environment)).encode())
            here.shutdown(socket.SHUT_WR)  # the next runs have copies


def become_run(told: socket.socket) -> None:
    """Wait for the streams and environment of a run, become its process, and exit."""
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


def let_runs_be_forks(arguments: list[str]) -> None:
    """Make the first runs of this fresh process forks of it, if its arguments name a command that has any."""
    from qdash_core.runs import performing_process as process

    number = max((_RUNS.get(word, 0) for word in arguments), default=0)
    waiting = [Waiting() for _ in range(number)]

    class Begun(subprocess.Popen[bytes]):
        def _execute_child(self, args: list[str], *given: Any) -> None:
            if args != [*process.COMMAND] or not waiting:
                super()._execute_child(args, *given)  # type: ignore[misc]
                return
            environment, pipes = given[5], given[9:15]
            fork = waiting.pop()
            try:
                fork.begin([pipes[0], pipes[3], pipes[5]], environment)
            except OSError:  # a test has killed it
                super()._execute_child(args, *given)  # type: ignore[misc]
                return
            self.pid, self._child_created = fork.pid, True
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    process.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": Begun})  # type: ignore[assignment]


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as socket_of_all:
        serve(socket_of_all, *sys.argv[2:])
