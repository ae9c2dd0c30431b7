"""Settings of users, their sessions and the audit log."""

from __future__ import annotations

from pydantic import Field

from qdash_core.settings import FeatureSettings


class PeopleSettings(FeatureSettings):
    """Lifetimes of login sessions and of the audit log."""

    audit_days: float = Field(default=365.0, gt=0, le=36_500.0, allow_inf_nan=False)
    """Rows of the audit log older than this are removed when a run begins, at most 10,000 at a time, in days."""
    session_h: float = Field(default=12.0, gt=0, le=8_760.0, allow_inf_nan=False)
    """Lifetime of a login session at the host, in hours."""
