"""Settings that note which of their values a measuring task uses.

Within `observe_reads`, `Laboratory.settings` and `Laboratory.couplings` return settings that note every value read, in
this thread only and not within `pause_observation`. Settings without a value, and functions that copy, change or export
all settings, do not count. A changed copy notes the settings that it has in common with its original.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from qdash_core.models.estimates import Parameter
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_tasks.laboratory.limits import Limits

Reads = dict[str, dict[str, Parameter]]
"""Values that were read, by qubit or coupling, then by parameter."""

_S = TypeVar("_S", Settings, CouplingSettings)

_reads: ContextVar[Reads | None] = ContextVar("setting_reads", default=None)

_WHOLE = frozenset({"as_note", "as_parameters", "known", "__class__"})
"""Attributes that describe all settings."""


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
    return _ObservedTargets(settings) if is_observing() else MappingProxyType(settings)


class _ObservedTargets(Mapping[str, _S]):
    """View of settings by target, which notes reads."""

    def __init__(self, settings: Mapping[str, _S]) -> None:
        self._settings: Mapping[str, _S] = settings
        self._observed: dict[str, tuple[_S, _S]] = {}

    def __getitem__(self, target: str) -> _S:
        plain = self._settings[target]
        of, observed = self._observed.get(target, (None, plain))
        if of is not plain:
            in_use = {name: getattr(plain, name) for name in plain.parameters}
            observed = _make_observed(plain, target, in_use)
            self._observed[target] = plain, observed
        return observed

    def __contains__(self, target: object) -> bool:
        return target in self._settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)


class _Observed:
    """Settings whose fields are those of others, and are noted when they are read.

    `_in_use` are the values in use of `_target`; it lacks fields that have been replaced in a copy.
    """

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        plain = object.__getattribute__(self, "_plain")
        # `dataclasses.replace` and `asdict` read every field, to copy it; `replace` then calls the class.
        is_copied = _get_caller() == "dataclasses"
        if name == "__class__" and is_copied:
            return partial(_make_copy, self)
        if name in _WHOLE:
            return getattr(plain, name)
        if name not in plain.__dataclass_fields__:
            return object.__getattribute__(self, name)
        used = object.__getattribute__(self, "_in_use").get(name)
        if used is not None and not is_copied:
            _note(object.__getattribute__(self, "_target"), used, *plain.parameters[name])
        return getattr(plain, name)

    def __eq__(self, other: object) -> bool:
        return bool(object.__getattribute__(self, "_plain") == other)

    def __hash__(self) -> int:
        return hash(object.__getattribute__(self, "_plain"))

    def __repr__(self) -> str:
        return repr(object.__getattribute__(self, "_plain"))

    def __reduce__(self) -> tuple[Any, ...]:
        return replace, (object.__getattribute__(self, "_plain"),)


class _ObservedSettings(_Observed, Settings):
    __slots__ = ("_in_use", "_plain", "_target")

    def on_grid(self, limits: Limits, qid: str) -> Settings:
        """Return the settings with pulse lengths that the qubit's line can play, which note the lengths in use."""
        plain: Settings = object.__getattribute__(self, "_plain")
        return _derive(self, plain.on_grid(limits, qid), object.__getattribute__(self, "_in_use"))


class _ObservedCouplingSettings(_Observed, CouplingSettings):
    __slots__ = ("_in_use", "_plain", "_target")


def _make_observed(plain: _S, target: str, in_use: Mapping[str, float | None]) -> _S:
    observing = _ObservedSettings if isinstance(plain, Settings) else _ObservedCouplingSettings
    observed = object.__new__(observing)
    object.__setattr__(observed, "_plain", plain)
    object.__setattr__(observed, "_target", target)
    object.__setattr__(observed, "_in_use", in_use)
    return cast("_S", observed)


def _derive(original: _Observed, plain: _S, in_use: Mapping[str, float | None]) -> _S:
    return _make_observed(plain, object.__getattribute__(original, "_target"), in_use)


def _make_copy(original: _Observed, **values: Any) -> Settings | CouplingSettings:
    """Return a copy with these fields; those that are not the original's very objects have been replaced."""
    plain = object.__getattribute__(original, "_plain")
    in_use = object.__getattribute__(original, "_in_use")
    kept = {name: used for name, used in in_use.items() if values[name] is getattr(plain, name)}
    copy: Settings | CouplingSettings = _derive(original, type(plain)(**values), kept)
    return copy


def _note(target: str, value: float, parameter: str, unit: str) -> None:
    """Note a value, if reads of this thread are noted now."""
    reads = _reads.get()
    if reads is not None:
        reads.setdefault(target, {}).setdefault(parameter, Parameter(value, None, unit))


def _get_caller() -> str:
    """Return the name of the module that reads a field."""
    return str(sys._getframe(2).f_globals.get("__name__"))
