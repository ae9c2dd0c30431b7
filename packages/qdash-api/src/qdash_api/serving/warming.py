"""What the first figure would wait for, imported once the host answers; then all that stays is there."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry

_AFTER_S = 1.0
"""So long after it was made, in seconds: a host answers first."""
_ANALYSES_USE = "scipy.optimize"


def warm_up_later(registry: Registry) -> None:
    """Have tasks, and what nearly all of them analyse with, imported by a thread, soon."""
    timer = threading.Timer(_AFTER_S, _warm_up, args=(registry,))
    timer.daemon = True
    timer.start()


def _warm_up(registry: Registry) -> None:
    registry.tasks()
    with suppress(ImportError):  # where no analysis needs it, it may be absent
        import_module(_ANALYSES_USE)
    gc.freeze()  # to look through what stays for garbage would stop every answer for a tenth of a second
