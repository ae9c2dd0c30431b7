"""Updates of the open session's calibration note in which the last entry wins, whatever its time.

By itself the library compares the local times of two entries, and silently drops the new one if the old one
bears the same second or a later one: after the clock was set back, at the end of summer time, from a machine
in another zone. Otherwise it merges the two field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_qubex.note import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Mapping


def let_last_entry_win(note: Any) -> None:
    """Make each entry put into a note replace the earlier entry as a whole.

    Parameters
    ----------
    note
        A `CalibrationNote`, of an open session or of none.
    """
    note._update_dict_recursively = _merge_into


def _merge_into(there: dict[str, Any], new: Mapping[str, Any]) -> None:
    for name, value in new.items():
        old = there.get(name)
        if isinstance(value, dict) and isinstance(old, dict) and TIMESTAMP not in value:
            _merge_into(old, value)
        else:
            there[name] = value
