"""Application factory for several processes: each reads settings and plugins from its environment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING

from qdash_api.app import create_app
from qdash_api.server.warmup import warm_up_later
from qdash_core.hooks.manager import load_plugins
from qdash_core.process.process_start import limit_memory_arenas
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def create() -> FastAPI:
    """Return the host as an ASGI application; its process ends with its parent."""
    limit_memory_arenas()
    threading.Thread(target=_terminate_with_parent, daemon=True).start()
    registry = load_plugins()
    warm_up_later(registry)
    return create_app(load_settings(), registry)


def _terminate_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
