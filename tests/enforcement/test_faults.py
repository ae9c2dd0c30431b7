"""Limited number of validation errors in models of external data: each is a `FewFaults`, and so are entries
of collections, or they are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter

from qdash_api import create_app
from qdash_builtin.chips.exported_chip import ExportedChip
from qdash_builtin.metrics.definitions import MetricsFile
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.fault_limit import FewFaults
from qdash_core.settings import Settings
from qdash_fake.devices.tables import DeviceTable

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = (ExportedChip, MetricsFile, DeviceTable)
_STOPS = ("_validate_entry", "_stop_after_a_few")
_HARMLESS = ("any", "definition-ref")
"""Entries that cannot be invalid, or are arbitrary JSON."""


def bodies() -> list[type]:
    app = create_app(Settings(), load_plugins())
    fields = [getattr(one.original_route, "body_field", None) for one in iter_route_contexts(app.routes)]
    found = {one.field_info.annotation for one in fields if one is not None}
    return sorted((one for one in found if one is not bytes), key=str)


def nodes(schema: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each typed part of a validation schema, with its place."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield place, schema
        for name, part in schema.items():
            if name not in ("metadata", "serialization", "default", "function", "expected"):
                yield from nodes(part, f"{place}.{name}")
    elif isinstance(schema, list | tuple):
        for at, part in enumerate(schema):
            yield from nodes(part, f"{place}.{at}")


def stops(schema: dict[str, Any]) -> bool:
    function = schema.get("function", {}).get("function")
    return schema["type"] in _HARMLESS or getattr(function, "__name__", "") in _STOPS


def entries(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas of the entries of a collection. Its length is checked after them: any may be long."""
    match schema["type"]:
        case "dict":
            keys, values = schema.get("keys_schema"), schema.get("values_schema")
            plain = keys is None or (keys["type"] == "str" and not {"max_length", "pattern"} & keys.keys())
            return [one for one in (None if plain else keys, values) if one is not None]
        case "list" | "set" | "frozenset":
            return [schema["items_schema"]] if "items_schema" in schema else []
        case "tuple" if "variadic_item_index" in schema:
            return [schema["items_schema"][schema["variadic_item_index"]]]
    return []


def faults(model: type) -> Iterator[str]:
    for place, schema in nodes(TypeAdapter(model).core_schema):
        if schema["type"] == "model" and not issubclass(schema["cls"], FewFaults):
            yield f"{schema['cls'].__name__} is not a FewFaults"
        yield from (f"{place}: entries without ENTRY" for one in entries(schema) if not stops(one))


def test_validation_of_external_data_stops_after_a_few_faults() -> None:
    models = [*FILES, *bodies()]
    assert len(models) > 50
    assert {str(model): found for model in models if (found := [*faults(model)])} == {}
