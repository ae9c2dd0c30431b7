"""Settings that requests play, noted as reads of the task that measures them.

The programs of a request define which settings it plays, also on a laboratory that does not play programs.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_tasks.laboratory.compiled_request import Setup
from qdash_tasks.laboratory.observed_settings import is_observing, pause_observation
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.settings import Settings

_SATURATION_NS = 1.0
"""Length of a saturating pulse, which is not a setting."""


@contextmanager
def note_played_settings(laboratory: Laboratory, requests: Mapping[str, Sequence[Request]]) -> Iterator[None]:
    """Note the settings that requests play, not those that the laboratory reads within the block.

    Reads of the laboratory count, too, if the programs of a request are not defined or cannot be built.
    """
    kinds = {type(request) for asked in requests.values() for request in asked}
    if not is_observing() or any(kind.compiled is Request.compiled for kind in kinds):
        yield
        return
    setup = _ReadingSetup(
        settings=laboratory.settings,
        couplings=laboratory.couplings,
        limits=laboratory.limits,
        rng=np.random.default_rng(0),
        saturation_ns=_SATURATION_NS,
        lines=set(requests),
    )
    are_read = [
        _read_played_settings(one, target, setup) for target, asked in requests.items() for one in asked
    ]
    with pause_observation() if all(are_read) else nullcontext():
        yield


def _read_played_settings(request: Request, target: str, setup: Setup) -> bool:
    """Return whether the programs could be built, and so their settings noted."""
    try:
        _compile(request.shortened(), target, setup)
    except Exception:  # noqa: BLE001  a plugin's request may need all its points
        try:
            _compile(request, target, setup)
        except Exception:  # noqa: BLE001  the laboratory reports what it cannot play
            return False
    return True


def _compile(request: Request, target: str, setup: Setup) -> None:
    request.on_grid(setup.limits, target).compiled(target, setup)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadingSetup(Setup):
    """Setup whose programs are not played."""

    def timeline(self) -> Timeline:
        return _ReadingTimeline(self.settings, self.limits)


class _ReadingTimeline(Timeline):
    """Builder of a program that is not played: it accepts pulses of any length and amplitude, and only notes reads."""

    __slots__ = ("_noted",)

    def __init__(self, settings: Mapping[str, Settings], limits: Limits) -> None:
        super().__init__(settings, limits)
        self._noted = set[object]()
        """Gates whose reads are noted: sequences repeat them."""

    def gate(self, control: str, target: str, gate: ZX90) -> None:
        """Note what a gate reads."""
        if self._is_new((control, target)):
            super().gate(control, target, gate)

    def align(self, *_: str) -> None:
        """Leave the times, which no read depends on."""

    def _require_length(self, length_ns: float, *lines: str) -> None:
        pass

    def _require_tone(self, *_: Any) -> None:
        pass

    def _add(self, *_: Any, **__: Any) -> None:
        pass

    def _is_new(self, played: object) -> bool:
        is_new = played not in self._noted
        self._noted.add(played)
        return is_new
