"""Filters of lists of records by the fields that the declaration names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import create_model

from qdash_builtin.entities import Editable, PluginRecord, declare_plugin_entity
from qdash_builtin.entities.requests import make_filter
from qdash_builtin.entities.service import EntityService
from qdash_core import UtcDatetime
from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import PageRequest

from ...access import ADMIN
from ...helium_fills import FILLS, Purity, declare_fills
from ...sample_log import declare_samples

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

LESS = Annotated[str | None, Editable("A field.", option="--litres-min")]
DAY = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 5)]


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [3, 2, 1]),
        ({"supplier": "A"}, [3, 1]),
        ({"supplier": ""}, [2]),
        ({"purity": "6.0"}, [3]),
        ({"purity": Purity.PURE, "supplier": "A"}, [1]),
        ({"leaked": True}, [2]),
        ({"litres": 2}, [2]),
        ({"litres_min": 2, "litres_max": 3}, [3, 2]),
        ({"litres_max": 1.5}, [1]),
        ({"filled_at_since": DAY[0], "filled_at_until": DAY[2]}, [1]),
        ({"filled_at_until": DAY[3]}, [3, 1]),
        ({"username": "admin"}, [3, 2, 1]),
        ({"username": "bob"}, []),
    ],
)
def test_records_are_filtered_by_fields_in_pages(
    prepared_store: Store, filters: dict[str, Any], found: list[int]
) -> None:
    fills = EntityService(prepared_store, FILLS)
    fills.create(ADMIN, litres=1, supplier="A", filled_at=DAY[0])
    fills.create(ADMIN, litres=2, leaked=True)
    fills.create(ADMIN, litres=3, supplier="A", purity="6.0", filled_at=DAY[2])
    request, listed = PageRequest(1), list[float]()
    while True:
        page = fills.page(ADMIN, request, filters=filters)
        listed += [one.litres for one in page.items]
        if page.next is None:
            break
        request = PageRequest(1, page.next)
    assert listed == found


def test_a_field_that_is_no_filter_is_refused(prepared_store: Store) -> None:
    fills = EntityService(prepared_store, declare_fills(filters=("purity",)))
    with pytest.raises(InvalidInputError, match="helium fills are not filtered by 'litres', but by purity"):
        fills.page(ADMIN, PageRequest(), filters={"litres": 1})


@pytest.mark.parametrize("name", ["price", "record_id", "attachments", "project_id"])
def test_a_filter_by_no_field_of_the_record_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match=f"it cannot be filtered by '{name}'"):
        declare_fills(filters=(name,))


def test_a_filter_by_a_reference_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="filtered by the reference chip_id already"):
        declare_samples(filters=("chip_id",))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        *(
            ({name: str}, f"field {name}: lists have the parameter {name} already: rename it")
            for name in ("limit", "after", "request", "if_match", "if_none_match", "idempotency_key")
        ),
        ({"profile": str}, "every command has the option --profile"),
        (
            {"litres": float, "less": LESS},
            "lists have the option --litres-min already",
        ),
        (
            {"litres": float, "litres_min": float},
            "field litres_min: lists have the filter litres_min of field litres already",
        ),
        (
            {"at_since": str, "at": UtcDatetime | None},
            "field at: lists have the filter at_since of field at_since",
        ),
    ],
)
def test_a_filter_with_the_name_of_another_parameter_is_refused(fields: dict[str, Any], message: str) -> None:
    marked: dict[str, Any] = {
        name: (kind if kind is LESS else Annotated[kind | None, Editable("A field.")], None)
        for name, kind in fields.items()
    }
    model: Any = create_model("Odd", __base__=PluginRecord, **marked)
    with pytest.raises(InvalidInputError, match=message):
        declare_plugin_entity("odd", "odds", model, columns=(), example={}, filters=tuple(fields))


def test_each_filter_is_described() -> None:
    described = make_filter(FILLS).model_json_schema()["properties"]
    assert {name: one["description"] for name, one in described.items()} == {
        name: f"Only helium fills whose {condition}."
        for name, condition in {
            "litres": '"volume (l)" is this',
            "litres_min": '"volume (l)" is at least this',
            "litres_max": '"volume (l)" is at most this',
            "purity": '"purity" is this',
            "leaked": '"leaked" is this',
            "filled_at_since": '"filled" is this time or later',
            "filled_at_until": '"filled" is before this time',
            "supplier": '"supplier" is this',
            "username": '"username" is this',
        }.items()
    }
