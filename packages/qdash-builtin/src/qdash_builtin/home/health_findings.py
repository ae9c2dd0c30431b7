"""Findings of the checks of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.health_findings import HealthFinding, make_failure

if TYPE_CHECKING:
    from collections.abc import Callable


def run_check(name: str, check: Callable[[], HealthFinding | str], advice: str) -> HealthFinding:
    """Return the finding of a check: its own, an ok with its detail, or a failure with `advice` for an exception."""
    try:
        found = check()
    except Exception as error:  # noqa: BLE001  the doctor reports every error
        return make_failure(name, error, advice)
    return HealthFinding(name, "ok", found) if isinstance(found, str) else found
