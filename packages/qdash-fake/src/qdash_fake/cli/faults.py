"""Twin faults as command line options and in the output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.parsing.similar_names import suggest
from qdash_fake.fault_kinds import FAULT_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL = {
    "model-mismatch": "1",
    "tls": "1",
    "no-active-reset": "1",
    "shared-feed-lines": "1",
    "envelope-mirrored": "1",
    "phase-mirrored": "1",
    "signs-unknown": "1",
}
"""Default value of a fault that is given without one."""

_OPTIONS = ("drift", "pulse-level")
"""Options with their own command line option."""

_SEVERAL = ("dead-line", "dead-readout", *FAULT_KINDS)
"""Faults that may be given several times, for different qubits or hours."""


def parse_faults(faults: tuple[str, ...]) -> dict[str, str]:
    """Return the faults by name; those with a default strength need no value."""
    from qdash_core.errors import InvalidInputError
    from qdash_fake.options import TwinOptions

    known = [name for name in TwinOptions.list_names() if name not in _OPTIONS]
    found: dict[str, str] = {}
    for fault in faults:
        name, equals, value = fault.partition("=")
        if name not in known:
            reason = f"is given as --{name}" if name in _OPTIONS else "is not an option of a twin"
            raise InvalidInputError(
                f"--fault {fault}: {name!r} {reason}{suggest(name, known)} (known: {', '.join(known)})"
            )
        if not equals and name not in _USUAL:
            raise InvalidInputError(f"--fault {fault}: write NAME=VALUE")
        several = equals and name in _SEVERAL and name in found
        found[name] = f"{found[name]},{value}" if several else value if equals else _USUAL[name]
    return found


def describe_faults(
    twin_options: Mapping[str, float | str | Mapping[str, float]], *, before: str = ""
) -> str:
    """Return faults as command line options, after `before` if there are any."""
    written = ", ".join(
        f"{name.replace('_', '-')}={_format_value(name, value)}" for name, value in twin_options.items()
    )
    return before + written if written else ""


def _format_value(name: str, value: float | str | Mapping[str, float]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return f"{value:g}"
    mark = "=" if name == "drift" else "@"
    return ",".join(f"{key}{mark}{number:g}" for key, number in value.items())
