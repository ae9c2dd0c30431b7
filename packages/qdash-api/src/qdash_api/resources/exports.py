"""Chips as files for other programs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from qdash_api.guarding.call import Call
from qdash_api.guarding.files import file
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId
from qdash_api.guarding.routes import Routes
from qdash_core.documents.chip_export import export, export_zip

routes = Routes("exports")
Format = Literal["json", "yaml", "csv", "topology", "design", "zip"]
_SUFFIXES: dict[Format, str] = {
    "json": ".json",
    "yaml": ".yaml",
    "csv": ".csv",
    "topology": "-topology.json",
    "design": "-design.json",
    "zip": ".zip",
}


@routes.get("/chips/{chip_id}/export", needs=Needs.VIEWER, media_type="application/octet-stream", slow=True)
def export_chip(
    call: Call,
    chip_id: ChipId,
    format: Annotated[  # noqa: A002  as the query is called
        Format,
        Query(description="topology and design are files that make another chip; zip has all of them."),
    ] = "json",
) -> Response:
    """A chip with its accepted values as a file. JSON and YAML can be imported again."""
    chip = call.qdash.chips.show(call.access, chip_id)
    values = call.qdash.metrics.values(call.access, chip_id)
    data = export_zip(chip, values) if format == "zip" else export(chip, values, format).encode()
    return file(call, [data], name=f"{chip_id}{_SUFFIXES[format]}", media_type="application/octet-stream")
