"""Filters of lists of records by the fields that the declaration names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.entities.service import EntityService
from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import PageRequest
from qdash_core.resources.requests.entities import make_filter

from ...access import ADMIN
from ...helium_fills import FILLS, Purity, declare_fills
from ...sample_log import declare_samples

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

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


def test_each_filter_is_described() -> None:
    described = make_filter(FILLS).model_json_schema()["properties"]
    assert described["purity"]["description"] == "Only helium fills of this purity."
    assert described["filled_at_until"]["description"] == "Only helium fills with filled before this time."
    assert described["litres_min"]["description"] == "Only helium fills with litres at least this."
