"""Cryostats."""

from enum import StrEnum
from typing import Annotated

from qdash_builtin.entities.editable import Editable
from qdash_core.models.base import NotedRecord, UtcDatetime


class CryostatStatus(StrEnum):
    """Operational status of a cryostat."""

    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    DECOMMISSIONED = "decommissioned"


class CryostatModel(NotedRecord):
    """A dilution refrigerator of the laboratory."""

    project_id: str
    cryo_id: str
    name: Annotated[str, Editable("Display name.")] = ""
    manufacturer: Annotated[str, Editable("Manufacturer.")] = ""
    model: Annotated[str, Editable("Model.")] = ""
    location: Annotated[str, Editable("Location.")] = ""
    status: Annotated[CryostatStatus, Editable("Status: active, maintenance or decommissioned.")] = (
        CryostatStatus.ACTIVE
    )
    commissioned_at: Annotated[
        UtcDatetime | None, Editable("Date of its installation.", option="--commissioned")
    ] = None
    decommissioned_at: Annotated[UtcDatetime | None, Editable()] = None
