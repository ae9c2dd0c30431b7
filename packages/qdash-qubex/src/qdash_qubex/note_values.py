"""Correspondence between numbers of qubex's calibration note and values of QDash with similar names.

An amplitude is only valid for its pulse shape, so it is transferred only if both sides play that pulse.

=================  =========================================  ==========================================================
section            meaning in the library                     QDash
=================  =========================================  ==========================================================
`hpi_params`,      flat top with raised-cosine edges of       raised cosine over the whole length: the same where `tau` is
`pi_params`        `tau`                                      half of `duration`. So written, so read, else refused
`drag_*_params`    Gaussian of `duration` / 4, less its ends  raised cosine with DRAG: another pulse, refused both ways,
                                                              and `beta` with its amplitude (both are I + i beta dI/dt)
`cr_params`        two opposite tones with edges of           the same with edges of 28 ns, where `cr_beta` and
                   `ramptime`, and X180 of the control        `cancel_beta` are 0; `duration` is of one tone.
                   after each                                 `zx_rotation_rate` is GHz per amplitude there, MHz here
`rabi_params`      nothing; normalises what is read           frequency at the amplitude of the parameter files, which
                                                              the note does not hold; IQ is summed there, a mean here
`state_params`     nothing; centres of classes                no parameters
=================  =========================================  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  a field's type
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core import InvalidInputError, Parameter
from qdash_qubex.names import make_target_id
from qdash_qubex.note import SECTIONS, VALID_DAYS
from qdash_tasks.laboratory import RISE_NS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_qubex.note import NoteContents, NoteEntry

    Numbers = dict[str, tuple[float, str, str]]

DRAG = (
    "qubex plays a Gaussian with DRAG and QDash a raised cosine, with different amplitudes and coefficients"
)
TONE: Mapping[str, str] = MappingProxyType(
    {
        "cr_amplitude": "a.u.",
        "cr_phase": "rad",
        "cancel_amplitude": "a.u.",
        "cancel_phase": "rad",
        "rotary_amplitude": "a.u.",
    }
)
"""Values with the same name and meaning in both, with QDash's unit."""

_ROUNDING_NS = 1e-6
_NOT_CARRIED: Mapping[str, str] = MappingProxyType(
    {
        "rabi_params": "the frequency depends on the control amplitude of the parameter files, and the library sums IQ",
        "state_params": "QDash has no parameters for the centres of states: ReadoutClassification finds them",
        "drag_hpi_params": DRAG,
        "drag_pi_params": DRAG,
    }
)


@dataclass(frozen=True, slots=True)
class SkippedNoteValue:
    """Value that is not transferred, such as `hpi_params.Q00` or `0.drag_hpi_amplitude`, and the reason."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class NoteValue:
    """Value of QDash in a note, with its time and its place, such as `hpi_params.Q00.amplitude`."""

    target: str
    name: str
    parameter: Parameter
    key: str
    at: datetime


class RefusedError(Exception):
    """Exception for a value that cannot be transferred; the message is the reason."""


@dataclass(frozen=True, slots=True)
class _NoteContext:
    """Calibration note of a chip, with the conditions for its use."""

    note: NoteContents
    controls: Mapping[str, str]
    now: datetime
    days: int


def read_values(
    note: NoteContents, *, controls: Mapping[str, str], now: datetime, days: int = VALID_DAYS
) -> tuple[list[NoteValue], list[SkippedNoteValue]]:
    """Return the values of QDash in a note, and the entries without such values.

    `controls` has the controlling qubit of a coupling, where one was chosen: a gate of the other direction is another
    gate. Entries that were `days` old or older at `now`, with a time zone, are not carried over.
    """
    source = _NoteContext(note, controls, now, days)
    found: list[NoteValue] = []
    left: list[SkippedNoteValue] = []
    for _, entry in sorted(note.entries.items()):
        try:
            found += _read_entry(entry, source)
        except RefusedError as refusal:
            left.append(SkippedNoteValue(entry.place, str(refusal)))
    return found, left


def _read_entry(entry: NoteEntry, source: _NoteContext) -> list[NoteValue]:
    if why := _NOT_CARRIED.get(entry.section):
        raise RefusedError(why)
    if lacks := entry.incompleteness:
        raise RefusedError(lacks)
    made_at = entry.made_at
    assert made_at is not None, entry  # otherwise it lacks something
    if not entry.is_valid(source.now, source.days):
        raise RefusedError(f"made {made_at:%Y-%m-%d}: the library uses an entry for {source.days} days")
    try:
        target = make_target_id(entry.label)
    except InvalidInputError:
        raise RefusedError("QDash does not calibrate pulses of this transition") from None
    numbers = _read_gate(entry, target, source) if entry.section == "cr_params" else _read_pulse(entry)
    return [
        NoteValue(target, name, Parameter(value, None, unit), f"{entry.place}.{key}", made_at)
        for name, (value, unit, key) in numbers.items()
    ]


def _read_pulse(entry: NoteEntry) -> Numbers:
    duration, tau = float(entry.fields["duration"]), float(entry.fields["tau"])
    if not _is_raised_cosine(entry):
        raise RefusedError(
            f"a flat-top pulse of {duration:g} ns with edges of {tau:g} ns: QDash's pulse is a raised cosine, whose edges take half"
        )
    pulse = entry.section.removesuffix("_params")
    return {
        f"{pulse}_amplitude": (float(entry.fields["amplitude"]), "a.u.", "amplitude"),
        f"{pulse}_length": (duration, "ns", "duration"),
    }


def _read_gate(entry: NoteEntry, coupling: str, source: _NoteContext) -> Numbers:
    fields = {name: float(entry.fields[name]) for name in SECTIONS[entry.section]}
    control = entry.label.split("-", maxsplit=1)[0]
    if source.controls.get(coupling) != make_target_id(control):
        raise RefusedError(
            f"{control} is the control qubit: the chip does not have that direction for {coupling}"
        )
    _require_tone_of_qdash(fields)
    pi_pulse = source.note.entries.get(("pi_params", control))
    if pi_pulse is None or not pi_pulse.is_valid(source.now, source.days) or not _is_raised_cosine(pi_pulse):
        raise RefusedError(
            f"the note has no raised-cosine X180 of {control}, whose length is part of the gate's"
        )
    rate_mhz = fields["zx_rotation_rate"] * fields["cr_amplitude"] * 1e3
    gate_ns = 2 * (fields["duration"] + float(pi_pulse.fields["duration"]))
    return {
        **{name: (fields[name], unit, name) for name, unit in TONE.items()},
        "zx90_gate_time": (gate_ns, "ns", "duration"),
        "zx_rotation_rate": (rate_mhz, "MHz", "zx_rotation_rate"),
    }


def _require_tone_of_qdash(fields: Mapping[str, float]) -> None:
    duration_ns, edge_ns = fields["duration"], fields["ramptime"]
    if duration_ns < 2 * edge_ns:
        raise RefusedError(f"a tone of {duration_ns:g} ns is too short for a gate")
    if abs(edge_ns - RISE_NS) > _ROUNDING_NS:
        raise RefusedError(f"its edges have {edge_ns:g} ns, and those of QDash's tones {RISE_NS:g} ns")
    if fields["cr_beta"] or fields["cancel_beta"]:
        raise RefusedError("its tones have DRAG, unlike those of QDash")


def _is_raised_cosine(entry: NoteEntry) -> bool:
    return abs(float(entry.fields["duration"]) - 2 * float(entry.fields["tau"])) < _ROUNDING_NS
