"""Check for values that are stored in another unit than tasks declare."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_core.health.findings import HealthFinding, count_with_examples
from qdash_core.models.project import make_command_options
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.unit_conversion import differs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.store import Store

_NAMED = 3


def check_units(store: Store, units: Mapping[str, str], *, within_s: float | None) -> HealthFinding:
    """Check the units of the values in use of all chips.

    Parameters
    ----------
    store : Store
        The store.
    units : mapping of str to str
        Unit of each quantity.
    within_s : float or None
        Time limit in seconds, or None for all chips.
    """
    deadline = None if within_s is None else time.monotonic() + within_s
    found: list[str] = []
    commands: list[str] = []
    checked = 0
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        chips = repositories.chips.list_all()
        for chip in chips:
            if deadline is not None and time.monotonic() > deadline:
                break
            checked += 1
            place = chip.project_id, chip.chip_id
            targets = (*repositories.qubits.list_values(*place), *repositories.couplings.list_values(*place))
            others = [
                f"{name} of {target['qid']} of chip {chip.chip_id} in {unit}"
                for target in targets
                for name, known in target["data"].items()
                if name in units and differs(unit := known.get("unit", ""), units[name])
            ]
            if others:
                found += others
                commands.append(f"qdash values convert {chip.chip_id}{make_command_options(chip.project_id)}")
    if found:
        message = (
            f"{count_with_examples(len(found), found[:_NAMED], 'value')} in another unit than tasks declare"
        )
        return HealthFinding("units", "warning", message, f"{'; '.join(commands[:_NAMED])} converts them")
    rest = "" if checked == len(chips) else f" of {len(chips)}: --deep checks all"
    return HealthFinding("units", "ok", f"{checked} {'chip' if checked == 1 else 'chips'} checked{rest}")
