"""Units of values that the tasks of the original wrote with another unit than the one of the number.

The tasks store what qubex returns. They call phases and DRAG coefficients `a.u.`, although qubex has them in rad
and ns; and the angle of a Rabi oscillation `degree`, although it is an arctangent plus pi/2, in rad, between -pi/2 and
3/2 pi: the unit of a larger number is believed. The ZX rotation rate of qubex is GHz at an amplitude of 1, and MHz at
`cr_amplitude` here. The dispersive shift of qubex is χ, half of the distance of the resonances that it is here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_original import values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WITHOUT_UNIT = ("", "a.u.")
_DEGREES = ("degree", "degrees", "deg", "°")
_QUBEX_UNITS = {
    **dict.fromkeys(("rabi_phase", "cr_phase", "cancel_phase"), "rad"),
    **dict.fromkeys(("drag_hpi_beta", "drag_pi_beta"), "ns"),
}
_HIGHEST_ANGLE_RAD = 1.5 * math.pi
_AMPLITUDE = "cr_amplitude"


def find_scale(
    wanted: str, name: str, quantity: float, written: str, siblings: Mapping[str, Any]
) -> tuple[float, str] | None:
    """Return the factor and the unit of a value that a task of the original wrote with another unit or meaning, else None.

    Quantity and unit are those in the original, `siblings` all values of the same result or target. Raises
    InvalidInputError if the value cannot be converted without another one that is missing.
    """
    if _QUBEX_UNITS.get(name) == wanted and written in _WITHOUT_UNIT:
        return 1.0, wanted
    if wanted == "rad" and written in _DEGREES:
        is_rad = name == "rabi_angle" and abs(quantity) <= _HIGHEST_ANGLE_RAD
        return (1.0 if is_rad else math.pi / 180), wanted
    if name == "dispersive_shift" and wanted == written == "MHz":
        return 2.0, wanted
    if name == "zx_rotation_rate" and wanted == "MHz" and written == "a.u.":
        return _read_amplitude(siblings) * 1e3, wanted
    return None


def _read_amplitude(siblings: Mapping[str, Any]) -> float:
    """Return the amplitude to which a ZX rotation rate belongs: that of the same result."""
    rate, amplitude = siblings.get("zx_rotation_rate"), siblings.get(_AMPLITUDE)
    if not isinstance(rate, dict) or not isinstance(amplitude, dict):
        raise InvalidInputError(
            f"zx_rotation_rate is GHz at an amplitude of 1, and there is no {_AMPLITUDE} with which it becomes MHz"
        )
    if rate.get("task_id") != amplitude.get("task_id"):
        raise InvalidInputError(
            f"zx_rotation_rate is GHz at an amplitude of 1, and {_AMPLITUDE} is of another result: it cannot become MHz"
        )
    return float(values.number(amplitude.get("value")))
