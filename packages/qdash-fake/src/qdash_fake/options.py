"""Options of a twin: drift and faults."""

from __future__ import annotations

import cmath
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    SkipValidation,
    ValidationError,
    model_serializer,
    model_validator,
)

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import describe_error
from qdash_core.models.targets import parse_qubit_id
from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.folders import TWIN_FILE
from qdash_fake.option_numbers import parse_number
from qdash_fake.physics.drift import QUANTITIES
from qdash_fake.timed_faults import TimedFault

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from qdash_fake.timed_changes import CouplingFaultKind, QubitFaultKind
    from qdash_fake.timed_faults import FaultKind

_FARTHEST_DRIFT = 100.0
_LARGEST_SCALE = 1e9
_OF_PULSES = ("left_pad", "envelope_mirrored", "phase_mirrored", "signs_unknown")


def _parse_sizes(given: object) -> dict[str, float]:
    """Parse the sizes of the drift by quantity, as in `t1=1,readout=2`; one number applies to all."""
    if isinstance(given, str) and "=" in given:
        given = _parse_named(given, "=")
    if not isinstance(given, dict):
        size = parse_number(given, "the size of a drift", _FARTHEST_DRIFT)
        return dict.fromkeys(QUANTITIES, size) if size else {}
    for name in given:
        if name not in QUANTITIES:
            raise ValueError(f"{name!r} does not drift (known: {', '.join(QUANTITIES)})")
    sizes = {
        name: parse_number(size, f"the size of the drift of {name}", _FARTHEST_DRIFT)
        for name, size in given.items()
    }
    return {name: size for name, size in sizes.items() if size}


def _merge_equal_sizes(sizes: dict[str, float]) -> float | dict[str, float]:
    """Return sizes as one number if all are equal."""
    if not sizes:
        return 0.0
    several = {sizes.get(name, 0.0) for name in QUANTITIES}
    return sizes if len(several) > 1 else several.pop()


def _parse_times(given: object) -> dict[str, float]:
    """Parse the hour from which each qubit's line is dead: `QID` or `QID@HOURS`, separated by commas."""
    if isinstance(given, str):
        given = _parse_named(given, "@", "0")
    try:
        if isinstance(given, dict):
            return {
                parse_qubit_id(qid): parse_number(hours, f"the hour of {qid}") for qid, hours in given.items()
            }
    except InvalidInputError as error:
        raise ValueError(str(error)) from error
    raise ValueError("name a line by its qubit, as in 3 or 3@12 (from hour 12 of laboratory time)")


def _parse_named(text: str, mark: str, unsaid: str | None = None) -> dict[str, str]:
    """Parse `a=1,b=2` into names and values; a name without a value gets `unsaid`."""
    found: dict[str, str] = {}
    for part in text.split(","):
        name, marked, value = (piece.strip() for piece in part.partition(mark))
        if not marked and unsaid is None:
            raise ValueError(f"{part!r} is not NAME{mark}VALUE")
        if name in found:
            raise ValueError(f"{name!r} is given twice")
        found[name] = value if marked else str(unsaid)
    return found


def _parse_whole_number(given: object) -> object:
    """Return text as a whole number if it is one."""
    return int(given) if isinstance(given, str) and given.strip().isdecimal() else given


def _check_plane(given: str) -> str:
    """Validate `SCALE@DEGREES`."""
    scale, _, degrees = given.partition("@")
    size, angle = (
        parse_number(scale, "the scale of the IQ plane", _LARGEST_SCALE),
        _check_finite(degrees or "0"),
    )
    if not size:
        raise ValueError("the scale of the IQ plane must be above 0")
    return f"{size:g}@{angle:g}"


def _check_finite(given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("the IQ plane must be SCALE@DEGREES, as in 250@-40")
    return number


_Sizes = Annotated[dict[str, float], BeforeValidator(_parse_sizes), PlainSerializer(_merge_equal_sizes)]
_Times = Annotated[dict[str, float], BeforeValidator(_parse_times)]
_Grid = Annotated[Literal[1, 2, 4], BeforeValidator(_parse_whole_number)]
_Plane = Annotated[str, AfterValidator(_check_plane)]


class TwinOptions(BaseModel):
    """Options of a twin. `parse` reads them and `model_dump` writes them by their names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    slow: float = Field(default=0.0, ge=0.0, le=3600.0)
    """Seconds of wall time that every measurement takes."""
    model_mismatch: float = Field(default=0.0, ge=0.0, le=10.0)
    """Deviation of the physics from the models of the fits; 1 is the size of `physics.mismatch_draw`."""
    drift: _Sizes = {}
    """Size of the drift of each quantity in laboratory time; 1 is the size of `physics.drift`. One number
    applies to all.
    """
    tls: float = Field(default=0.0, ge=0.0, le=20.0)
    """Mean number of two-level-system defects near a qubit; see `physics.defects`."""
    dead_line: _Times = {}
    """Qubit to hour of laboratory time from which its drive line is dead."""
    dead_readout: _Times = {}
    """Qubit to hour of laboratory time from which its readout line is dead."""
    no_active_reset: bool = False
    """True if only passive reset is available."""
    plane_turns: float = Field(default=0.0, ge=0.0, le=180.0)
    """Standard deviation of the angle in degrees by which a call rotates each qubit's IQ plane about the
    origin.
    """
    grid: _Grid | None = None
    """Grid of pulses and readouts on all lines, in ns, or None to play every requested time."""
    keeps: Literal["mean", "each", "both"] = "both"
    """Supported values of `keep` for shots."""
    iq: _Plane = "1@0"
    """Scale and rotation (degrees) of all IQ data, as `SCALE@DEGREES`."""
    shared_feed_lines: bool = False
    """True if the qubits of a multiplexer share a feed line, so that each scan shows the resonators of all."""
    timed: SkipValidation[Mapping[str, tuple[TimedFault, ...]]] = Field(default={}, exclude=True)
    """Faults between two laboratory times by the names of their kinds, which are options of their own and validated by `parse`."""
    pulse_level: bool = False
    """True if the twin only plays pulses, to which requests are compiled. The following options require it."""
    left_pad: float = Field(default=0.0, ge=0.0, le=1e4)
    """Delay of every program in nanoseconds, while its generators keep running."""
    envelope_mirrored: bool = False
    """True if generators play the complex conjugate of the shape of a pulse."""
    phase_mirrored: bool = False
    """True if generators play phases with the other sign."""
    signs_unknown: bool = False
    """True if the laboratory does not know about mirrored signs."""

    @property
    def iq_factor(self) -> complex:
        """Scale and rotation of all IQ data, as one complex factor."""
        scale, degrees = (float(part) for part in self.iq.split("@"))
        return cmath.rect(scale, math.radians(degrees))

    @property
    def timed_faults(self) -> list[tuple[QubitFaultKind | CouplingFaultKind, TimedFault]]:
        """Faults between two laboratory times, with their kinds."""
        return [(kind, fault) for name, kind in FAULT_KINDS.items() for fault in self.timed.get(name, ())]

    @property
    def changes_with_time(self) -> bool:
        """True if the chip changes with time."""
        return any((self.drift, self.tls, self.timed, self.dead_line, self.dead_readout))

    @property
    def changes_within_sweeps(self) -> bool:
        """True if a qubit changes noticeably within one sweep."""
        return any(kind.within_sweeps for kind, _ in self.timed_faults)

    def check_qubits(self, qids: Collection[str], *, device: str) -> None:
        """Raise InvalidInputError if an option names a qubit that the device does not have."""
        named = [("dead-line", qid) for qid in self.dead_line]
        named += [("dead-readout", qid) for qid in self.dead_readout]
        named += [(kind.name, qid) for kind, fault in self.timed_faults for qid in kind.list_qubits(fault)]
        for name, qid in named:
            if qid not in qids:
                raise InvalidInputError(f"{name}: {device} has no qubit {qid!r}")

    def check_parts(self, couplings: Collection[str], multiplexers: Collection[str], *, device: str) -> None:
        """Raise InvalidInputError if an option names a coupling or a multiplexer that the device does not have."""
        for kind, fault in self.timed_faults:
            if kind.on == "coupling" and fault.target not in couplings:
                raise InvalidInputError(f"{kind.name}: {device} has no coupling {fault.target!r}")
            missing = [mux for mux in fault.target.split("+") if mux not in multiplexers]
            if kind.on == "mux" and missing:
                known = ", ".join(multiplexers)
                raise InvalidInputError(
                    f"{kind.name}: {device} has no multiplexer {missing[0]} (known: {known})"
                )

    @model_serializer(mode="wrap")
    def _write(self, write_fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the options, with the faults of each kind as the text that `parse` reads."""
        timed = {name.replace("-", "_"): ",".join(map(str, faults)) for name, faults in self.timed.items()}
        return {**write_fields(self), **timed}

    @model_validator(mode="after")
    def _check_pulse_level(self) -> TwinOptions:
        asked = [name for name in _OF_PULSES if getattr(self, name)]
        if asked and not self.pulse_level:
            named = ", ".join(name.replace("_", "-") for name in asked)
            raise ValueError(f"{named}: this option requires --pulse-level")
        present = {kind.name for kind, _ in self.timed_faults if not kind.on_pulses}
        if self.pulse_level and present:
            raise ValueError(
                f"{', '.join(sorted(present))}: a twin with --pulse-level cannot show this fault"
            )
        return self

    @classmethod
    def list_names(cls) -> list[str]:
        """Return the names of all options."""
        fields = [name.replace("_", "-") for name in cls.model_fields if name != "timed"]
        return [*fields, *FAULT_KINDS]

    @classmethod
    def parse(cls, options: Mapping[str, object]) -> TwinOptions:
        """Validate options by name; a dash in a name stands for an underscore.

        Raises `InvalidInputError` with the name if an option is unknown or its value impossible.
        """
        known = cls.list_names()
        fields: dict[str, object] = {}
        timed: dict[str, tuple[TimedFault, ...]] = {}
        for given, value in options.items():
            name = given.replace("_", "-")
            if name not in known:
                raise InvalidInputError(f"{given!r} is not an option of a twin (known: {', '.join(known)})")
            if kind := FAULT_KINDS.get(name):
                if faults := _parse_timed_faults(kind, value):
                    timed[name] = faults
            else:
                fields[name.replace("-", "_")] = value
        try:
            return cls.model_validate({**fields, "timed": timed})
        except ValidationError as error:
            complaint = error.errors(include_url=False)[0]
            if not complaint["loc"]:
                raise InvalidInputError(describe_error(complaint)) from error
            name = ".".join(map(str, complaint["loc"])).replace("_", "-")
            raise InvalidInputError(f"{name}: {complaint['input']!r}: {describe_error(complaint)}") from error


def _parse_timed_faults(kind: FaultKind, given: object) -> tuple[TimedFault, ...]:
    if not isinstance(given, str):
        raise InvalidInputError(f"{kind.name}: {given!r}: it has to be text")
    try:
        return kind.parse_several(given)
    except ValueError as error:
        raise InvalidInputError(f"{kind.name}: {given!r}: {error}") from error


def load_options(folder: Path) -> TwinOptions:
    """Return the options of the twin in a folder, or the defaults; a broken file is reported when it is opened."""
    try:
        return TwinOptions.parse(json.loads((folder / TWIN_FILE).read_text(encoding="utf-8"))["options"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, InvalidInputError):
        return TwinOptions()
