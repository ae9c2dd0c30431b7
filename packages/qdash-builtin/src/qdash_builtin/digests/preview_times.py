"""Laboratory times of previews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.request import RunRequest, TargetSelection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.service import RunService
    from qdash_core.models.access import Access


def estimate_s(runs: RunService, access: Access, chip_id: str, flow: str, targets: Sequence[str]) -> float:
    """Return the laboratory time of the preview of a flow or task on qubits or on couplings, in seconds; raises as `preview`."""
    named = (
        TargetSelection(couplings=tuple(targets))
        if "-" in targets[0]
        else TargetSelection(qubits=tuple(targets))
    )
    preview = runs.preview(access, RunRequest(chip_id=chip_id, flow=flow, targets=named), trusted_files=False)
    return sum(one.makespan_s for one in preview.forecasts if one is not None)
