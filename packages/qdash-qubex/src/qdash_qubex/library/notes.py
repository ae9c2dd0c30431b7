"""Updates of the open session's calibration note in which the last entry wins, whatever its time.

By itself the library silently drops an entry if the old one bears the same second or a later one in local time, as
after a change of the clock. Otherwise it merges the two field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_qubex.note import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Mapping


def let_last_entry_win(note: Any) -> None:
    """Make each entry put into a `CalibrationNote`, of an open session or of none, replace the earlier one as a whole."""
    note._update_dict_recursively = _merge_into


def _merge_into(there: dict[str, Any], new: Mapping[str, Any]) -> None:
    for name, value in new.items():
        old = there.get(name)
        if isinstance(value, dict) and isinstance(old, dict) and TIMESTAMP not in value:
            _merge_into(old, value)
        else:
            there[name] = value
