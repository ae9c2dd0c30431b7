"""Entity `fridge-reading`: its fields, columns, and the rule that the cryostat exists."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from qdash_builtin.cooldowns import CryostatRepository
from qdash_builtin.entities import Editable, EntityRules, PluginRecord, declare_plugin_entity


class Stage(StrEnum):
    """Temperature stage of a dilution refrigerator."""

    STILL = "still"
    COLD_PLATE = "cold plate"
    MIXING_CHAMBER = "mixing chamber"


class FridgeReading(PluginRecord):
    """A temperature of a fridge."""

    cryo_id: Annotated[str, Editable("Cryostat.", label="cryostat")]
    stage: Annotated[Stage, Editable("Stage: still, cold plate or mixing chamber.")] = Stage.MIXING_CHAMBER
    temperature_mk: Annotated[float, Field(gt=0), Editable("Temperature, in mK.", label="temperature (mK)")]
    remark: Annotated[str, Editable("Remark.")] = ""


class CryostatMustExist(EntityRules[FridgeReading]):
    """Rule that the cryostat of a reading exists."""

    def apply(self, repositories, record, former, *, given, now):
        if "cryo_id" in given:
            repositories.of(CryostatRepository).require(record.project_id, record.cryo_id)
        return record


READINGS = declare_plugin_entity(
    "fridge-reading",
    "fridge-readings",
    FridgeReading,
    rules=CryostatMustExist(),
    verb="record",
    columns=("cryo_id", "stage", "temperature_mk", "remark", "username", "created_at"),
    example={"cryo_id": "K-101", "temperature_mk": 9.8, "remark": "after the cool-down"},
)
