"""Grammar of faults that last from one laboratory time until another: `TARGET[:SIZE]@HOUR[-HOUR]`.

An option may hold several faults, separated by commas.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_coupling_id, parse_qubit_id
from qdash_fake.option_numbers import parse_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FaultTarget = Literal["qubit", "coupling", "mux", "chip"]

_IN_CAPITALS = {"qubit": "QID", "coupling": "QID-QID", "mux": "MUX[+MUX...]"}
_LATEST_H = 1e6
_MOST_MUXES = 1e6
_MOST_OF_A_TARGET = 10
_HYPHEN_OF_NUMBER = re.compile(r"(?<!\w)-(?=\d)")


@dataclass(frozen=True, slots=True)
class FaultSize:
    """Size of a fault.

    `name` is that in the form of the option, in capitals, `what` the quantity in messages with its unit. The limits
    belong to the range; `usual` is the value of a size that is left out, or None if it must be given.
    """

    name: str
    what: str
    least: float
    most: float
    usual: float | None = None


class TimedFault(NamedTuple):
    """Fault between two hours of laboratory time, or from one hour on.

    Attributes
    ----------
    target
        Qubit, coupling, or multiplexers joined by `+`; empty for the whole chip.
    partner
        Second qubit of a fault of two; otherwise empty.
    sizes
        Values of the sizes of its kind.
    """

    target: str
    partner: str
    sizes: tuple[float, ...]
    from_h: float
    until_h: float = math.inf

    def lasts(self, clock_s: float) -> bool:
        """Return whether the fault is present at that laboratory time."""
        return self.from_h * 3600 <= clock_s < self.until_h * 3600

    def __str__(self) -> str:
        """Return the text that `FaultKind.parse` reads."""
        parts = [part for part in (self.target, self.partner) if part]
        until = "" if math.isinf(self.until_h) else f"-{_format_hour(self.until_h)}"
        return (
            ":".join([*parts, *(f"{size:.12g}" for size in self.sizes)])
            + f"@{_format_hour(self.from_h)}{until}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """Kind of fault. `QubitFaultKind` and `CouplingFaultKind` of `timed_changes` have its effect on the truth.

    Attributes
    ----------
    name
        Name of the option.
    what
        The fault in messages, with its article.
    example
        Value of the option, as an example.
    effect_text
        What the fault does, and the source of its model; one line of the documentation.
    remark
        Remark on a target during the fault. `{0}`, `{1}` are its sizes, `{partner}` is the other qubit.
    cause
        Id of the cause that an explanation should find.
    partner
        Whether a second qubit follows the target.
    on_pulses
        Whether a twin that plays pulses (`--pulse-level`) shows it.
    within_sweeps
        Whether it changes noticeably within one sweep.
    """

    name: str
    what: str
    example: str
    effect_text: str
    remark: str
    cause: str
    sizes: tuple[FaultSize, ...] = ()
    on: FaultTarget = "qubit"
    partner: bool = False
    on_pulses: bool = True
    within_sweeps: bool = False

    @property
    def form(self) -> str:
        """Form of the option's value."""
        parts = [] if self.on == "chip" else [_IN_CAPITALS[self.on]]
        parts += ["QID"] if self.partner else []
        written = ":".join(parts + [one.name if one.usual is None else f"[{one.name}]" for one in self.sizes])
        return f"{written.replace(':[', '[:')}@HOUR[-HOUR]"

    def parse_several(self, text: str) -> tuple[TimedFault, ...]:
        """Parse faults separated by commas; raise ValueError if one is something else, or one target has too many."""
        faults = tuple(self.parse(one) for one in text.split(",")) if text else ()
        for (target, partner), number in Counter((one.target, one.partner) for one in faults).items():
            if number > _MOST_OF_A_TARGET:
                on = " and ".join(filter(None, (target, partner))) or "the chip"
                raise ValueError(
                    f"{self.what} is given {number} times for {on}: the limit is {_MOST_OF_A_TARGET}"
                )
        return faults

    def parse(self, text: str) -> TimedFault:
        """Parse one fault; raise ValueError if the text is something else."""
        named, _, hours = text.strip().partition("@")
        begin, ends, end = hours.partition("-")
        given = named.split(":") if named else []
        first = (self.on != "chip") + self.partner
        needed = first + sum(one.usual is None for one in self.sizes)
        if not needed <= len(given) <= first + len(self.sizes) or not begin or bool(ends) != bool(end):
            raise ValueError(f"{text.strip()!r} is not {self.what}: write {self.form}, as in {self.example}")
        target = "" if self.on == "chip" else self._parse_target(given[0])
        partner = _parse_qubit(given[1]) if self.partner else ""
        if partner and partner == target:
            raise ValueError(f"{self.what} needs two different qubits")
        return TimedFault(target, partner, self._parse_sizes(given[first:]), *self._parse_hours(begin, end))

    def list_qubits(self, fault: TimedFault) -> list[str]:
        """Return the qubits that a fault names."""
        named = {"qubit": [fault.target], "coupling": fault.target.split("-")}.get(self.on, [])
        return [*named, fault.partner] if fault.partner else named

    def concerns(self, fault: TimedFault, qid: str, multiplexers: Mapping[str, Collection[str]]) -> bool:
        """Return whether a fault is one of this qubit, of its multiplexer, or of the whole chip."""
        if self.on == "mux":
            return any(qid in multiplexers.get(mux, ()) for mux in fault.target.split("+"))
        return self.on == "chip" or (self.on == "qubit" and qid in (fault.target, fault.partner))

    def describe(self, fault: TimedFault, qid: str) -> str:
        """Return the remark on a qubit, coupling or other target during a fault."""
        partner = fault.target if qid == fault.partner else fault.partner
        since = f"{fault.from_h:g}\N{NO-BREAK SPACE}h of laboratory time"
        remark = self.remark.format(*fault.sizes, partner=partner)
        remark = _HYPHEN_OF_NUMBER.sub("\N{MINUS SIGN}", remark)
        return f"{remark} since {since}"

    def _parse_target(self, text: str) -> str:
        if self.on == "qubit":
            return _parse_qubit(text)
        if self.on == "mux":
            return "+".join(
                f"{int(parse_number(one, 'the multiplexer', _MOST_MUXES))}" for one in text.split("+")
            )
        try:
            return parse_coupling_id(text) if self.on == "coupling" else text
        except InvalidInputError as error:
            raise ValueError(str(error)) from error

    def _parse_sizes(self, given: list[str]) -> tuple[float, ...]:
        usual = [one.usual for one in self.sizes[len(given) :]]
        read = [
            parse_number(text, f"{one.what} of {self.what}", one.most, least=one.least)
            for text, one in zip(given, self.sizes, strict=False)
        ]
        return (*read, *(size for size in usual if size is not None))

    def _parse_hours(self, begin: str, end: str) -> tuple[float, float]:
        """Return begin and end; the end is infinite if it is not given."""
        from_h = parse_number(begin, f"the hour of {self.what}", _LATEST_H)
        if not end:
            return from_h, math.inf
        until_h = parse_number(end, f"the end of {self.what}", _LATEST_H)
        if until_h <= from_h:
            raise ValueError(f"{self.what} must end after it begins")
        return from_h, until_h


def _parse_qubit(text: str) -> str:
    try:
        return parse_qubit_id(text)
    except InvalidInputError as error:
        raise ValueError(str(error)) from error


def _format_hour(hour: float) -> str:
    """Return an hour without an exponent, whose sign would read as that of a range."""
    return f"{hour:.9f}".rstrip("0").rstrip(".")
