"""What is recorded of a chip for those who listen: that it was made, changed or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_core.models.execution import EventModel

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.repositories.repositories import Repositories

Changed = Literal["topology", "wiring", "design", "status", "direction", "cooldown"]


def log_chip(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    what: Literal["created", "deleted"] | Changed,
    *,
    username: str = "",
    targets: Collection[str] = (),
) -> None:
    """Record in the transaction that does it what becomes of a chip.

    Whoever has read a chip knows by the number of the newest event whether what was read still holds: so nothing of a chip
    is written without one.

    Parameters
    ----------
    what : str
        That it was made or removed, or what of it was changed.
    username : str
        Who did it; empty: a run.
    targets : collection of str
        Its qubits and couplings of which something was changed; empty: it is about the chip.
    """
    kind = what if what in ("created", "deleted") else "changed"
    data = {
        **({"changed": what} if kind == "changed" else {}),
        **({"username": username} if username else {}),
        **({"targets": list(targets)} if targets else {}),
    }
    repositories.events.append(
        EventModel(project_id=project_id, kind=f"chip.{kind}", chip_id=chip_id, data=data)
    )
