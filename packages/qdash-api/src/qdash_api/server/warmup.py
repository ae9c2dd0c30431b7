"""Import of slow modules once the host answers, so that the first figure does not wait for them."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry

_AFTER_S = 1.0
"""Delay after the application is created, in seconds: first the host answers requests."""
_ANALYSES_USE = "scipy.optimize"


def warm_up_later(registry: Registry) -> None:
    """Import the tasks, and the module that nearly all analyses use, in a thread after a short delay."""
    timer = threading.Timer(_AFTER_S, _warm_up, args=(registry,))
    timer.daemon = True
    timer.start()


def _warm_up(registry: Registry) -> None:
    registry.tasks()
    with suppress(ImportError):  # absent if no analysis needs it
        import_module(_ANALYSES_USE)
    gc.freeze()  # scanning these permanent objects for garbage would stop all responses for 0.1 s
