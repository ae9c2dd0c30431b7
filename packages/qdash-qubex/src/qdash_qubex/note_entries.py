"""Calibrated values of QDash as complete entries of qubex's calibration note; `note_values` states which and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  a field's type
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core import split_coupling
from qdash_qubex.note import SECTIONS, VALID_DAYS, NoteEntry, make_time_fields
from qdash_qubex.note_values import DRAG, TONE, RefusedError, SkippedNoteValue
from qdash_tasks.laboratory import RISE_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_qubex.names import Names
    from qdash_tasks.laboratory import Settings


@dataclass(frozen=True, slots=True)
class CalibratedValue:
    """Value of QDash in its own unit, with its calibration time, or None if unknown."""

    value: float
    at: datetime | None


def make_entries(
    values: Mapping[str, Mapping[str, CalibratedValue]],
    names: Names,
    *,
    controls: Mapping[str, str],
    now: datetime,
    days: int = VALID_DAYS,
) -> tuple[list[NoteEntry], list[SkippedNoteValue]]:
    """Return entries for the pulses and gates calibrated by QDash's own tasks, and the omitted ones with reasons.

    Parameters
    ----------
    values : mapping of target to mapping of name to CalibratedValue
        Values by qubit (`"0"`) and coupling (`"0-1"`), of tasks that play QDash's pulses: not results of the library's
        procedures, which are already in its note.
    controls : mapping of str to str
        Control qubit of each coupling with a direction.
    now : datetime
        With a time zone: values that the library would regard as too old give no entry.
    """
    entries: list[NoteEntry] = []
    left: list[SkippedNoteValue] = []
    for target, known in values.items():
        for leading, make in (_OF_COUPLINGS if "-" in target else _OF_QUBITS).items():
            if leading not in known:
                continue
            try:
                entries.append(
                    _is_recent(make(_EntrySource(target, leading, values, names, controls)), now, days)
                )
            except RefusedError as refusal:
                left.append(SkippedNoteValue(f"{target}.{leading}", str(refusal)))
    return entries, left


@dataclass(frozen=True, slots=True)
class _EntrySource:
    """Values for a note entry of one target."""

    target: str
    leading: str
    values: Mapping[str, Mapping[str, CalibratedValue]]
    names: Names
    controls: Mapping[str, str]

    def number(self, name: str, of: str | None = None) -> float:
        """Return a value of the target that is not newer than the leading one, or with `of` of another target, of any age."""
        known = self.values.get(self.target if of is None else of, {})
        if name not in known:
            whose = "" if of is None else f" of qubit {of}"
            raise RefusedError(f"{name}{whose} is missing, and an entry must be complete")
        if not math.isfinite(known[name].value):
            raise RefusedError(f"{name} is {known[name].value}")
        if of is None and not self._was_calibrated_together(known[name].at):
            raise RefusedError(
                f"{name} is newer than {self.leading} or of unknown age: they are not of one calibration"
            )
        return known[name].value

    def _was_calibrated_together(self, at: datetime | None) -> bool:
        """Return whether a value of this time belongs to the same calibration as the leading one, or to an import."""
        leading = self.values[self.target][self.leading].at
        return at == leading or (at is not None and leading is not None and at < leading)

    def make_entry(self, section: str, label: str, fields: Mapping[str, float]) -> NoteEntry:
        at = self.values[self.target][self.leading].at
        if at is None:
            raise RefusedError("its calibration time is unknown: the library would treat it as new")
        return NoteEntry(section, label, {"target": label, **fields, **make_time_fields(at)})


def _make_raised_cosine(pulse: str) -> Callable[[_EntrySource], NoteEntry]:
    """Return the builder of entries for a flat-top pulse without flat part: each edge is half the length."""

    def make(source: _EntrySource) -> NoteEntry:
        amplitude, length_ns = source.number(f"{pulse}_amplitude"), source.number(f"{pulse}_length")
        fields = {"duration": length_ns, "amplitude": amplitude, "tau": length_ns / 2}
        return source.make_entry(f"{pulse}_params", source.names.qubit(source.target), fields)

    return make


def _refuse(_: _EntrySource) -> NoteEntry:
    raise RefusedError(DRAG)


def _make_gate_entry(source: _EntrySource) -> NoteEntry:
    control = source.controls.get(source.target)
    if control is None:
        raise RefusedError("the coupling has no direction: its control qubit is not set")
    tone = {name: source.number(name) for name in TONE}
    gate_ns, pi_ns = source.number("zx90_gate_time"), source.number("pi_length", control)
    tone_ns = gate_ns / 2 - pi_ns
    if tone_ns < 2 * RISE_NS or tone["cr_amplitude"] <= 0:
        raise RefusedError(
            f"zx90_gate_time of {gate_ns:g} ns is too short for two X180 of {pi_ns:g} ns and the tones"
        )
    fields = {
        "duration": tone_ns,
        "ramptime": RISE_NS,
        **tone,
        "cr_beta": 0.0,
        "cancel_beta": 0.0,
        "zx_rotation_rate": source.number("zx_rotation_rate") * 1e-3 / tone["cr_amplitude"],
    }
    first, second = split_coupling(source.target)
    label = source.names.target(f"{control}-{second if control == first else first}")
    return source.make_entry("cr_params", label, fields)


_OF_QUBITS: Mapping[str, Callable[[_EntrySource], NoteEntry]] = MappingProxyType(
    {
        "hpi_amplitude": _make_raised_cosine("hpi"),
        "pi_amplitude": _make_raised_cosine("pi"),
        "drag_hpi_amplitude": _refuse,
        "drag_pi_amplitude": _refuse,
    }
)
_OF_COUPLINGS: Mapping[str, Callable[[_EntrySource], NoteEntry]] = MappingProxyType(
    {"cr_amplitude": _make_gate_entry}
)


def _is_recent(entry: NoteEntry, now: datetime, days: int) -> NoteEntry:
    if not entry.is_valid(now, days):
        raise RefusedError(f"calibrated {entry.made_at:%Y-%m-%d}: the library uses an entry for {days} days")
    return entry


def make_settings_entries(
    settings: Mapping[str, Settings],
    calibrated: Mapping[str, Mapping[str, CalibratedValue]],
    names: Names,
    *,
    now: datetime,
) -> list[NoteEntry]:
    """Return entries for pulses without DRAG that a session plays as calibrated by QDash.

    An entry has the time, with a zone, at which its amplitude was calibrated; there is none for an unknown time or one that
    the library would regard as too old. Pairs are omitted: an export of the chip, which knows their direction, writes them.
    """
    in_use: dict[str, dict[str, CalibratedValue]] = {}
    for qid, one in settings.items():
        known = one.as_parameters()
        for pulse in ("hpi", "pi"):
            amplitude, length = f"{pulse}_amplitude", f"{pulse}_length"
            given = calibrated.get(qid, {}).get(amplitude)
            if given is not None and known.get(amplitude) == given.value:
                played = {name: CalibratedValue(known[name], given.at) for name in (amplitude, length)}
                in_use.setdefault(qid, {}).update(played)
    entries, _ = make_entries(in_use, names, controls={}, now=now)
    return entries


def is_equivalent(old: NoteEntry | None, new: NoteEntry) -> bool:
    """Return whether the library plays two entries alike."""
    if old is None or old.incompleteness:
        return False
    return all(old.fields.get(name) == new.fields.get(name) for name in SECTIONS[new.section])
