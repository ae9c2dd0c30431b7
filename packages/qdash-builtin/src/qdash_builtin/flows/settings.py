"""Settings of saved flows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from qdash_core.settings import REPORTED, FeatureSettings


class FlowSettings(FeatureSettings):
    """Right to save flows."""

    flow_authors: Literal["administrators", "editors"] = Field(
        default="administrators", json_schema_extra=REPORTED
    )
    """Users who may save, copy, restore and delete flows, which a worker runs with all its rights, including those on the store. `editors`: every editor of a project, so everybody who may create a project."""
