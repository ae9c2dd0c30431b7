"""Check of the backends that declare that runs can share an instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.backends.instruments import get_declared_unit, merges_notes
from qdash_core.errors import BackendError
from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.health_findings import RESTORE, HealthFinding
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store

_ADVICE = "let the backend define merge_note, or declare the instrument as its unit"


def check_instrument_sharing(store: Store, registry: Registry, home: Path) -> HealthFinding:
    """Report the backends that declare a part of an instrument for a chip, but cannot merge calibration notes."""
    with store.read() as snapshot:
        chips = Repositories(snapshot).of(ChipRepository).list_all()
    backends, units = registry.backends(), dict[str, str]()
    for chip in chips:
        if chip.backend in backends:
            context = BackendContext(chip.project_id, chip.chip_id, (), home, chip.created_at)
            try:
                unit = get_declared_unit(backends[chip.backend], context)
            except BackendError as error:
                return HealthFinding("sharing", "warning", str(error), "correct the code of the backend")
            units |= {chip.backend: unit} if unit != "instrument" else {}
    unsafe = [name for name in units if not merges_notes(backends[name])]
    if unsafe:
        names = "; ".join(f"backend {name} declares {units[name]}, but has no merge_note" for name in unsafe)
        return HealthFinding("sharing", "warning", f"{names}: its runs exclude each other", _ADVICE)
    shared = "; ".join(
        f"runs of backend {name} claim parts of an instrument ({unit})" for name, unit in units.items()
    )
    return HealthFinding("sharing", "ok", shared or "every run claims its whole instrument")


CHECK = HealthCheck(
    "sharing",
    lambda home: check_instrument_sharing(home.store, home.registry, home.settings.home),
    RESTORE,
    place=60,
)
