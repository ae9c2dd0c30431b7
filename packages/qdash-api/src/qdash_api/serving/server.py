"""The server: it takes its address before anything else, says where it is, and serves until it is told to end."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from qdash_api.process.shutdown import EXIT_S, GRACE_S, call_interruptibly, exit_deadline
from qdash_api.serving.connections import AT_A_TIME, LARGEST_HEAD, Connection, most_connections
from qdash_api.serving.logs import log_config
from qdash_api.serving.warming import warm_up_later
from qdash_core.application import open_qdash
from qdash_core.errors import InvalidInputError
from qdash_core.file_modes import is_shared, make_folder
from qdash_core.interrupts import handled
from qdash_core.listening import listening, url_at
from qdash_core.processes import limit_memory_arenas

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    from fastapi import FastAPI

    from qdash_api.serving.logs import LogFormat
    from qdash_core.hooks.manager import Registry
    from qdash_core.projects.logins import SetUpLink
    from qdash_core.settings import Settings

_IDLE_S = 75
"""So long a connection without a request stays open: longer than proxies keep theirs, or they would find it closed."""
_SIGNAL_POLL_S = 0.6
"""Time until the supervisor has noticed a signal and passed it on, in seconds."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How the host serves.

    Parameters
    ----------
    host, port : str, int
        Where it listens; port 0: any that is free.
    workers : int
        So many processes answer.
    root_path : str
        Below which path a proxy shows it.
    forwarded_allow_ips : str
        From which addresses headers of a proxy are believed, separated by commas; `*`: from any.
    log_format : {"json", "text"}
        Of its log.
    """

    host: str
    port: int
    workers: int
    root_path: str
    forwarded_allow_ips: str
    log_format: LogFormat


def serve(settings: Settings, registry: Registry, serving: Serving, *, told: Callable[[str], None]) -> None:
    """Serve until the process is told to end.

    Parameters
    ----------
    told : callable
        Told in words where it is.

    Raises
    ------
    InvalidInputError
        If the address cannot be had, or the store is in memory.
    """
    limit_memory_arenas()
    with listening(serving.host, serving.port) as listener:
        url = url_of(serving, listener)
        link = call_interruptibly(lambda: _first_link(settings, registry))
        told(f"QDash answers at {url}")
        if link:
            _tell_link(url, settings.dashboard_url, link, told)
        if serving.workers > 1:
            _count_together(settings.home / "prometheus")
            _serve_by_several(_config("qdash_api.serving.asgi:create", serving, factory=True), listener)
            return
        from qdash_api.app import create_app

        warm_up_later(registry)
        config = _config(create_app(settings, registry), serving)
        with handled(_told_to_end):
            Server(config).run([listener])


def _first_link(settings: Settings, registry: Registry) -> SetUpLink | None:
    """Return the set-up link while nobody has a password; refuse a store in memory."""
    with open_qdash(settings, registry) as qdash:
        if not qdash.store.shared:
            raise InvalidInputError("no worker sees a store in memory; set QDASH_STORE_URL to another")
        return qdash.logins.first_link()


def _serve_by_several(config: Config, listener: socket.socket) -> None:
    """Serve by several processes. Each has its own deadline; a process that exceeds it is killed."""
    supervisor = Multiprocess(config, [listener])

    def kill_all() -> None:
        for process in supervisor.processes:
            process.process.kill()

    with exit_deadline(EXIT_S + _SIGNAL_POLL_S, before_exit=kill_all):
        supervisor.run()


def _told_to_end(number: int, _frame: FrameType | None) -> None:
    """Do nothing: the server raises again what it was told to end by, and that is no failure. It does not hear SIGHUP."""
    if number == getattr(signal, "SIGHUP", None):
        signal.raise_signal(signal.SIGTERM)


def _tell_link(url: str, dashboard_url: str | None, link: SetUpLink, told: Callable[[str], None]) -> None:
    """Say how the first password is set. The code is behind `#`: no server and no log sees it when the link is opened."""
    body = json.dumps({"code": link.code, "password": "..."})
    told(
        f"nobody has a password yet; within 24 hours {link.username} sets the first one, once, with this link:"
    )
    told(f"  {_set_up_url(dashboard_url, link) if dashboard_url else f'{url}/auth/setup#{link.code}'}")
    told(f"or: curl {url}/auth/setup -H 'content-type: application/json' -d '{body}'")


def _set_up_url(dashboard_url: str, link: SetUpLink) -> str:
    """Return the link to the page of a dashboard where a password is set."""
    return f"{dashboard_url}/setup?{urlencode({'user': link.username})}#{link.code}"


def url_of(serving: Serving, listener: socket.socket) -> str:
    """Return where people of this machine find it."""
    return f"{url_at(serving.host, listener.getsockname()[1])}{serving.root_path.rstrip('/')}"


def _config(app: FastAPI | str, serving: Serving, *, factory: bool = False) -> Config:
    return Config(
        app,
        factory=factory,
        workers=serving.workers,
        root_path=serving.root_path.rstrip("/"),
        forwarded_allow_ips=serving.forwarded_allow_ips,
        log_config=log_config(serving.log_format),
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        backlog=AT_A_TIME,
        limit_concurrency=most_connections(),
        http=Connection,
    )


def _count_together(folder: Path) -> None:
    """Have the processes that are started count into files of one folder, which begins empty."""
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    # prometheus_client creates its files by the umask, and neither this process nor its children create others.
    os.umask(0o007 if is_shared(folder) else 0o077)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
