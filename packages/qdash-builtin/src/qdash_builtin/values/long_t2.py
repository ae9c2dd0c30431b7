"""Echo times above twice the T1, which no decay allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.models.estimates import Parameter
from qdash_core.models.units import convert_alike
from qdash_core.values.gate import SIGMAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.values.gate import NumberWithError


_CHANGE_OF_T1 = 0.05


def describe_long_t2(values: Mapping[str, NumberWithError], *, beyond: bool = False) -> str | None:
    """Return a warning if the echo time of a qubit is above twice its T1, which no decay allows, else None.

    Source of the bound: 1/T2 = 1/(2 T1) + 1/Tφ.

    Parameters
    ----------
    values : mapping of str to NumberWithError
        Values of the qubit, in any unit of time.
    beyond : bool
        Whether to warn only beyond scatter (three errors) and a change of T1 between the measurements (5 %).
    """
    if not {"t1", "t2_echo"} <= values.keys():
        return None
    t1, t2 = (_convert_time(values[name]) for name in ("t1", "t2_echo"))
    if not (t1.unit == t2.unit == "us" and (excess := t2.value - 2 * t1.value) > 0):
        return None
    errors = math.hypot(t2.error or 0.0, 2 * (t1.error or 0.0))
    if beyond and excess <= SIGMAS * errors + _CHANGE_OF_T1 * 2 * t1.value:
        return None
    by = f", by {excess / errors:.1f} errors" if errors else ""
    return f"t2_echo of {t2.value:.6g} µs is above twice the t1 of {t1.value:.6g} µs{by}"


def _convert_time(known: NumberWithError) -> Parameter:
    return convert_alike(Parameter(known.value, known.error, known.unit), "us")
