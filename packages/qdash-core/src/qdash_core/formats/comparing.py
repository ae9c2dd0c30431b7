"""What files say, compared with what a chip has: new, different, older, the same, or unknown. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from qdash_core.chips.design import OF_COUPLINGS, OF_QUBITS, checked_design, quantities_of
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.formats.brought import Brought, NotUnderstood, Seed

SAME_WITHIN = 1e-9
"""Two numbers that differ by less than this part of them are one number, written in two units."""

Kind = Literal["value", "design"]


class Standing(StrEnum):
    """How what a file says stands to what a chip has."""

    NEW = "new"
    """The chip has none."""
    DIFFERS = "differs"
    OLDER = "older"
    """It differs, and was measured before what the chip has: it is brought only where that is asked for."""
    SAME = "same"
    UNKNOWN = "unknown"
    """The chip has no such target, or nobody has a parameter of that name: it is not brought."""


_CHANGES = frozenset({Standing.NEW, Standing.DIFFERS})


@dataclass(frozen=True, slots=True)
class Known:
    """A number with what is known of it.

    Parameters
    ----------
    value : float or None
        None, of a design value only: that there is none.
    error : float or None
        Standard deviation; None: unknown.
    measured_at : datetime or None
        When it was measured; None: unknown.
    """

    value: float | None
    error: float | None = None
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A number that a file has, beside that of the chip.

    Parameters
    ----------
    kind : {"value", "design"}
        Whether it is a value in use, or what the chip was meant to be.
    target, parameter : str
        Of what.
    unit : str
        Unit of both.
    brought : Known
        What the file has.
    had : Known or None
        What the chip has; None: nothing.
    standing : Standing
        What is made of it.
    place : str
        Where in the files it stands.
    why : str
        Why it is unknown.
    """

    kind: Kind
    target: str
    parameter: str
    unit: str
    brought: Known
    had: Known | None
    standing: Standing
    place: str
    why: str = ""

    @property
    def sigmas(self) -> float | None:
        """How far both lie apart, in standard deviations of their difference; None: no error is known, or one is missing."""
        if self.had is None or self.had.value is None or self.brought.value is None:
            return None
        spread = math.hypot(self.had.error or 0.0, self.brought.error or 0.0)
        return abs(self.brought.value - self.had.value) / spread if spread else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that files say, beside what a chip has.

    Parameters
    ----------
    numbers : tuple of Compared
        Values and design, by target.
    wiring : Standing or None
        How the wiring stands; None: the files have none.
    layout : str
        Where the files describe other qubits or couplings than the chip has: which; empty: nowhere. They are never changed.
    not_understood : tuple of NotUnderstood
        What was passed over.
    older : bool
        Whether what is older is brought, too.
    """

    numbers: tuple[Compared, ...]
    wiring: Standing | None = None
    layout: str = ""
    not_understood: tuple[NotUnderstood, ...] = ()
    older: bool = False

    @property
    def changes(self) -> tuple[Compared, ...]:
        """Those that change something when they are brought."""
        wanted = _CHANGES | {Standing.OLDER} if self.older else _CHANGES
        return tuple(one for one in self.numbers if one.standing in wanted)

    @property
    def changes_wiring(self) -> bool:
        """Whether to bring it changes the wiring."""
        return self.wiring in _CHANGES

    @property
    def changes_something(self) -> bool:
        """Whether to bring it changes anything of the chip."""
        return bool(self.changes) or self.changes_wiring


def compared(
    brought: Brought, chip: Chip, units: Mapping[str, frozenset[str]], *, older: bool = False
) -> Comparison:
    """Return what files say beside what a chip has.

    Parameters
    ----------
    brought : Brought
        What was read.
    chip : Chip
        As it stands.
    units : mapping of str to frozenset of str
        The parameters that there are, each with the units in which tasks make or want it.
    older : bool
        Whether what was measured before what the chip has is brought, too.

    Raises
    ------
    InvalidInputError
        If a value is no finite number, in a unit of nobody, or impossible; one line that names file and key.
    """
    numbers = [*_values(brought, chip, units), *_design(brought, chip)]
    return Comparison(
        tuple(sorted(numbers, key=lambda one: ("-" in one.target, by_number(one.target)))),
        wiring=_wiring(brought, chip),
        layout=_layout(brought, chip),
        not_understood=brought.not_understood,
        older=older,
    )


def _values(brought: Brought, chip: Chip, units: Mapping[str, frozenset[str]]) -> Iterator[Compared]:
    targets = {**chip.qubits, **chip.couplings}
    for target, seeds in brought.seeds.items():
        model = targets.get(target)
        for name, seed in seeds.items():
            _check(target, name, seed, units)
            kept = None if model is None else model.data.get(name)
            had = None if kept is None else Known(kept.value, kept.error, kept.calibrated_at)
            why = f"the chip has no {_kind_of(target)} {target}" if model is None else ""
            if name not in units:
                why = why or "no task makes or needs it"
            known = Known(seed.parameter.value, seed.parameter.error, seed.measured_at)
            yield Compared(
                "value",
                target,
                name,
                seed.parameter.unit,
                known,
                had,
                Standing.UNKNOWN if why else _standing(known, had),
                seed.place,
                why,
            )


def _design(brought: Brought, chip: Chip) -> Iterator[Compared]:
    if brought.chip is None:
        return
    targets = {**chip.qubits, **chip.couplings}
    of_file = {site.id for site in brought.chip.topology.qubits} | {*brought.chip.topology.couplings}
    for target, values in checked_design(brought.chip.design, {*targets, *of_file}).items():
        model = targets.get(target)
        for name, value in values.items():
            had = Known(model.design[name]) if model is not None and name in model.design else None
            yield Compared(
                "design",
                target,
                name,
                quantities_of(target)[name].unit,
                Known(value),
                had,
                Standing.UNKNOWN if model is None else _standing(Known(value), had),
                "design",
                f"the chip has no {_kind_of(target)} {target}" if model is None else "",
            )


def _wiring(brought: Brought, chip: Chip) -> Standing | None:
    if brought.chip is None or brought.chip.wiring is None:
        return None
    if chip.header.wiring is None:
        return Standing.NEW
    return Standing.SAME if chip.header.wiring == brought.chip.wiring else Standing.DIFFERS


def _layout(brought: Brought, chip: Chip) -> str:
    """Return in words which qubits and couplings only the files, or only the chip have."""
    if brought.chip is None:
        return ""
    said = []
    topology = brought.chip.topology
    for what, of_file, of_chip in (
        ("qubits", {site.id for site in topology.qubits}, {*chip.qubits}),
        ("couplings", {*topology.couplings}, {*chip.couplings}),
    ):
        for whose, only in (
            ("only the files have", of_file - of_chip),
            ("only the chip has", of_chip - of_file),
        ):
            if only:
                said.append(f"{whose} {what} {', '.join(sorted(only, key=by_number))}")
    return "; ".join(said)


def _standing(brought: Known, had: Known | None) -> Standing:
    if had is None:
        return Standing.NEW
    if brought.value is None or had.value is None:
        return Standing.SAME if brought.value is had.value else Standing.DIFFERS
    if math.isclose(brought.value, had.value, rel_tol=SAME_WITHIN, abs_tol=0.0):
        return Standing.SAME
    ours, theirs = had.measured_at, brought.measured_at
    return Standing.OLDER if ours is not None and theirs is not None and theirs < ours else Standing.DIFFERS


def _check(target: str, name: str, seed: Seed, units: Mapping[str, frozenset[str]]) -> None:
    found, where = seed.parameter, f"{seed.place}: {target}.{name}"
    if not math.isfinite(found.value):
        raise InvalidInputError(f"{where} is {found.value}, not a finite number")
    if found.error is not None and not (math.isfinite(found.error) and found.error >= 0):
        raise InvalidInputError(f"{where} has an error of {found.error}, not a finite number of 0 or more")
    if seed.measured_at is not None and seed.measured_at.tzinfo is None:
        raise InvalidInputError(
            f"{where} was measured at {seed.measured_at.isoformat()}, which names no time zone: nobody can tell which is later"
        )
    wanted = units.get(name, frozenset())
    if wanted and found.unit not in wanted:
        raise InvalidInputError(
            f"{where} is in {found.unit or 'no unit'}: {' or '.join(sorted(wanted))} is wanted"
        )
    # Where designs know it, its bounds are those outside which it was meant in another unit.
    quantity = (OF_COUPLINGS if "-" in target else OF_QUBITS).get(name)
    if quantity is not None and not quantity.lowest <= found.value <= quantity.highest:
        raise InvalidInputError(
            f"{where} is {found.value:g}: it is wanted in {quantity.unit}, from {quantity.lowest:g} to {quantity.highest:g}"
        )


def _kind_of(target: str) -> str:
    return "coupling" if "-" in target else "qubit"
