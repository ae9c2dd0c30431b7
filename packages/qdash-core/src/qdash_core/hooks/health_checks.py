"""Health checks that features declare, and their findings: a check that raises is one of them."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import PluginError
from qdash_core.models.health_findings import HealthFinding

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

QUICK_S = 0.15
"""Time limit of each open-ended check, in seconds."""
_AFTER_OURS = 1000


@dataclass(frozen=True, slots=True)
class Examination:
    """Home that a check looks at.

    `deep` asks for a check of everything, without a time limit; `opened` is the store, if it is open.
    """

    settings: Settings
    registry: Registry
    deep: bool = False
    opened: Store | None = None

    @property
    def store(self) -> Store:
        """The store, for checks that need it."""
        if self.opened is None:
            raise PluginError("this check has no store: let it be a HealthCheck with needs_store=True")
        return self.opened

    @property
    def within_s(self) -> float | None:
        """Time limit of an open-ended check in seconds, or None."""
        return None if self.deep else QUICK_S


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Check of a feature that `qdash doctor` runs.

    Parameters
    ----------
    name : str
        Its subject. The finding of a plugin's check has the name of the plugin before it.
    look : callable
        Takes the `Examination` and returns a `HealthFinding`, a text if all is well, or None if there is nothing to say. If it
        raises anything, that is a failure.
    advice : str
        Advice if it raises an error, or empty.
    needs_store : bool
        Whether it looks at the store, and is left out if that cannot be opened. It is run by `qdash store verify` and `restore`, too.
    place : int
        Place among the checks: lower numbers come first, but those that need the store before others.
    """

    name: str
    look: Callable[[Examination], HealthFinding | str | None]
    advice: str = ""
    needs_store: bool = True
    place: int = _AFTER_OURS

    def find(self, examination: Examination) -> HealthFinding | None:
        """Return the finding on a home, or None; raise PluginError if it is neither."""
        with redirect_stdout(sys.stderr):  # output of a plugin would corrupt the JSON of a command
            found = self.look(examination)
        if isinstance(found, str):
            return HealthFinding(self.name, "ok", found)
        if found is None or isinstance(found, HealthFinding):
            return found
        raise PluginError(
            f"the check {self.name!r} returned {type(found).__name__}, not a HealthFinding, a text or None"
        )
