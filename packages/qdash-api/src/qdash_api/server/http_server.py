"""Server: binds its address first, prints its URL, and serves until it is terminated."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from qdash_api.process.shutdown import EXIT_S, GRACE_S, call_interruptibly, exit_deadline
from qdash_api.server.connections import BACKLOG, LARGEST_HEAD, LimitedConnection, get_max_connections
from qdash_api.server.logs import make_log_config
from qdash_api.server.warmup import warm_up_later
from qdash_cli.listening_sockets import make_server_url, open_listener
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.errors import InvalidInputError
from qdash_core.process.file_modes import is_shared, make_folder
from qdash_core.process.interrupts import leave_signals_to_server
from qdash_core.process.process_start import limit_memory_arenas
from qdash_core.runtime.application import open_qdash

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastapi import FastAPI

    from qdash_api.server.logs import LogFormat
    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

_IDLE_S = 75
"""Keep-alive time in seconds: longer than that of proxies, which could otherwise use a closed connection."""
_NO_AUTHENTICATOR = (
    "no active feature authenticates callers: all requests are refused but those of open operations; `qdash plugins list` shows what is "
    "blocked or set aside"
)
_SIGNAL_POLL_S = 0.6
"""Time until the supervisor has noticed a signal and passed it on, in seconds."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Server options.

    Parameters
    ----------
    port : int
        0 selects a free one.
    root_path : str
        Path below which a proxy serves the host.
    forwarded_allow_ips : str
        Addresses of trusted proxies, whose headers are used, separated by commas; `*` trusts any.
    """

    host: str
    port: int
    workers: int
    root_path: str
    forwarded_allow_ips: str
    log_format: LogFormat
    log_requests: bool


def serve(
    settings: Settings, registry: Registry, options: ServerOptions, *, report: Callable[[str], None]
) -> None:
    """Serve until the process is terminated.

    Raises
    ------
    InvalidInputError
        If the address is not available, or the store is in memory.
    """
    limit_memory_arenas()
    with open_listener(options.host, options.port) as listener:
        url = format_url(options, listener)
        if "api_url" not in settings.model_fields_set:
            settings = settings.model_copy(update={"api_url": url})  # set-up links lead here
        steps = call_interruptibly(lambda: _list_first_steps(settings, registry, url))
        for line in (f"QDash answers at {url}", *steps):
            report(line)
        if options.workers > 1:
            _share_counters(settings.home / "prometheus")
            os.environ["QDASH_API_URL"] = settings.api_url
            _serve_with_processes(
                _make_config("qdash_api.server.asgi:create", options, factory=True), listener
            )
            return
        from qdash_api.app import create_app

        warm_up_later(registry)
        config = _make_config(create_app(settings, registry), options)
        with leave_signals_to_server():
            Server(config).run([listener])


def _list_first_steps(settings: Settings, registry: Registry, url: str) -> Sequence[str]:
    """Return the lines for the first user; refuse a store in memory."""
    with open_qdash(settings, registry) as qdash:
        if not qdash.store.shared:
            raise InvalidInputError(
                "workers cannot share a store in memory: set QDASH_STORE_URL to another store"
            )
        if not registry.find_opener(AUTHENTICATOR):
            return [_NO_AUTHENTICATOR]
        return qdash.get(AUTHENTICATOR).list_first_steps(url, settings.dashboard_url)


def _serve_with_processes(config: Config, listener: socket.socket) -> None:
    """Serve with several processes. Each has its own deadline; a process that exceeds it is killed."""
    supervisor = Multiprocess(config, [listener])

    def kill_all() -> None:
        for process in supervisor.processes:
            process.process.kill()

    with exit_deadline(EXIT_S + _SIGNAL_POLL_S, before_exit=kill_all):
        supervisor.run()


def format_url(options: ServerOptions, listener: socket.socket) -> str:
    """Return the URL of the host for users of this machine."""
    return f"{make_server_url(options.host, listener.getsockname()[1])}{options.root_path.rstrip('/')}"


def _make_config(app: FastAPI | str, options: ServerOptions, *, factory: bool = False) -> Config:
    return Config(
        app,
        factory=factory,
        workers=options.workers,
        root_path=options.root_path.rstrip("/"),
        forwarded_allow_ips=options.forwarded_allow_ips,
        log_config=make_log_config(options.log_format, log_requests=options.log_requests),
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        backlog=BACKLOG,
        limit_concurrency=get_max_connections(),
        http=LimitedConnection,
    )


def _share_counters(folder: Path) -> None:
    """Make child processes write their counters to files in one folder, emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    # prometheus_client creates its files by the umask, and neither this process nor its children
    # create others.
    os.umask(0o007 if is_shared(folder) else 0o077)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
