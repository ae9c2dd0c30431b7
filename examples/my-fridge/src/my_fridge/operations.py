"""Operation of this plugin: `qdash my-fridge coldest`, `GET /plugins/my-fridge/coldest/K-101`, and a call from Python."""

from typing import Annotated

from pydantic import Field
from qdash_builtin.entities import open_entity
from qdash_core import Call, Command, Document, NotFoundError, PluginOperations, RequiredRole, UtcDatetime

from my_fridge.readings import READINGS, Stage

operations = PluginOperations("my-fridge")


class ColdestReading(Document):
    """Lowest temperature of a cryostat."""

    cryo_id: str
    stage: Stage
    temperature_mk: float
    created_at: UtcDatetime


@operations.get("/coldest/{cryo_id}", needs=RequiredRole.VIEWER, command=Command("coldest"))
def show_coldest(call: Call, cryo_id: Annotated[str, Field(max_length=64)]) -> ColdestReading:
    """Show the lowest temperature of a cryostat."""
    readings = open_entity(call.qdash, READINGS).list_by_project(call.access)
    of_cryostat = [one for one in readings if one.cryo_id == cryo_id]
    if not of_cryostat:
        raise NotFoundError(
            f"cryostat {cryo_id} has no reading: record one with `qdash fridge-reading create`"
        )
    return ColdestReading.from_record(min(of_cryostat, key=lambda one: one.temperature_mk))
