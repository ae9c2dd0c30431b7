"""Settings that note which of their values a measuring task uses.

Within `observe_reads`, `Laboratory.settings` and `Laboratory.couplings` return settings that note every value read from
them. Neither a setting without a value nor a function that copies, changes or exports all settings counts. Only the thread that
opened the block is observed, and not within `pause_observation`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from qdash_core.models.estimates import Parameter
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

Reads = dict[str, dict[str, Parameter]]
"""Values that were read, by qubit or coupling, then by parameter."""

_S = TypeVar("_S", Settings, CouplingSettings)

_reads: ContextVar[Reads | None] = ContextVar("setting_reads", default=None)

_WHOLE = frozenset({"as_note", "as_parameters", "applied", "changed", "known", "on_grid", "__class__"})
"""Attributes that copy, change or describe all settings."""


@contextmanager
def observe_reads() -> Iterator[Reads]:
    """Note the values that this thread reads from settings in use; of each parameter the first one."""
    reads: Reads = {}
    before = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(before)


@contextmanager
def pause_observation() -> Iterator[None]:
    """Note nothing within the block."""
    before = _reads.set(None)
    try:
        yield
    finally:
        _reads.reset(before)


def is_observing() -> bool:
    """Return whether reads of this thread are noted."""
    return _reads.get() is not None


def view_settings(settings: Mapping[str, _S]) -> Mapping[str, _S]:
    """Return a read-only view of settings by target, which notes reads if they are observed."""
    reads = _reads.get()
    return MappingProxyType(settings) if reads is None else _ObservedTargets(settings, reads)


class _ObservedTargets(Mapping[str, _S]):
    """View of settings by target, which notes reads."""

    def __init__(self, settings: Mapping[str, _S], reads: Reads) -> None:
        self._settings: Mapping[str, _S] = settings
        self._reads = reads

    def __getitem__(self, target: str) -> _S:
        plain = self._settings[target]
        observing = _ObservedSettings if isinstance(plain, Settings) else _ObservedCouplingSettings
        observed = object.__new__(observing)
        object.__setattr__(observed, "_plain", plain)
        object.__setattr__(observed, "_noted", self._reads.setdefault(target, {}))
        return cast("_S", observed)

    def __contains__(self, target: object) -> bool:
        return target in self._settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)


class _Observed:
    """Settings that return the fields of plain ones and note each that is read."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        plain = object.__getattribute__(self, "_plain")
        if name in _WHOLE:
            return getattr(plain, name)
        if name not in plain.__dataclass_fields__:
            return object.__getattribute__(self, name)
        value = getattr(plain, name)
        if value is None or name not in plain.parameters:
            return value
        parameter, unit = plain.parameters[name]
        noted = object.__getattribute__(self, "_noted")
        # `dataclasses.replace` and `asdict` read every field, to copy it.
        if parameter not in noted and _get_caller() != "dataclasses":
            noted[parameter] = Parameter(value, None, unit)
        return value

    def __eq__(self, other: object) -> bool:
        return bool(object.__getattribute__(self, "_plain") == other)

    def __hash__(self) -> int:
        return hash(object.__getattribute__(self, "_plain"))

    def __repr__(self) -> str:
        return repr(object.__getattribute__(self, "_plain"))

    def __reduce__(self) -> tuple[Any, ...]:
        return replace, (object.__getattribute__(self, "_plain"),)


class _ObservedSettings(_Observed, Settings):
    """Observed settings of a qubit."""

    __slots__ = ("_noted", "_plain")


class _ObservedCouplingSettings(_Observed, CouplingSettings):
    """Observed settings of a coupling."""

    __slots__ = ("_noted", "_plain")


def _get_caller() -> str:
    """Return the name of the module that reads a field."""
    return str(sys._getframe(2).f_globals.get("__name__"))
