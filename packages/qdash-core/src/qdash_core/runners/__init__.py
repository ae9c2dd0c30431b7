"""Runners: the local one, and names for authors of other runners.

The names are resolved when they are first used, so that a process that performs a run does not import what only the process
that starts it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qdash_core.moved_names import moved

if TYPE_CHECKING:
    from qdash_core.hooks.runners import CallsFlows as CallsFlows
    from qdash_core.hooks.runners import FlowRunWatch as FlowRunWatch
    from qdash_core.hooks.runners import PoolRunner as PoolRunner
    from qdash_core.hooks.runners import ProcessDiedError as ProcessDiedError
    from qdash_core.hooks.runners import Runner as Runner
    from qdash_core.hooks.runners import StartsAhead as StartsAhead
    from qdash_core.hooks.runners import Stop as Stop
    from qdash_core.hooks.runners import TellsHealth as TellsHealth
    from qdash_core.hooks.runners import WatchesFlowRuns as WatchesFlowRuns
    from qdash_core.models.request import RunRequest as RunRequest
    from qdash_core.runners.process import COMMAND as COMMAND
    from qdash_core.runners.process import PerformingProcess as PerformingProcess
    from qdash_core.runners.process import make_environment as make_environment

_MOVED = moved(
    __name__,
    {
        "WorksInPool": "qdash_core.hooks.runners:PoolRunner",
        "environment_of": "qdash_core.runners.process:make_environment",
    },
    stacklevel=3,
)
_HOME_OF = {
    "CallsFlows": "hooks.runners",
    "COMMAND": "runners.process",
    "FlowRunWatch": "hooks.runners",
    "PerformingProcess": "runners.process",
    "ProcessDiedError": "hooks.runners",
    "RunRequest": "models.request",
    "Runner": "hooks.runners",
    "StartsAhead": "hooks.runners",
    "Stop": "hooks.runners",
    "TellsHealth": "hooks.runners",
    "PoolRunner": "hooks.runners",
    "make_environment": "runners.process",
}

__all__ = [*sorted(_HOME_OF)]  # noqa: PLE0604  names come from one table


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        return _MOVED(name)
    return getattr(import_module(f"qdash_core.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__]
