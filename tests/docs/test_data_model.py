"""Page of the data model, against the models and collections, with a reason for each difference from the
original.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from qdash_core.repositories.schema import COLLECTIONS
from tests.docs.used_home import use_home

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script() -> dict[str, Any]:
    """Names of the script; loaded anew for each test, since one changes them."""
    return runpy.run_path(str(ROOT / "docs/make_data_model.py"))


def test_every_collection_has_its_place_on_the_page(script: dict[str, Any]) -> None:
    page = script["make_page"]()
    assert [
        name for name in COLLECTIONS if f"## `{name}`\n" not in page and f"| `{name}` |" not in page
    ] == []


def test_every_difference_from_the_original_has_a_reason_and_every_reason_a_difference(
    script: dict[str, Any],
) -> None:
    assert script["unexplained"]() == []


def test_what_has_no_counterpart_is_found(script: dict[str, Any]) -> None:
    chip = script["REFERENCE"]["collections"]["chip"]
    chip["fields"].append("colour")
    chip["indexes"].append("project_id, colour")
    chip["methods"]["repaint"] = "ChipRepository.repaint"
    assert script["unexplained"]() == [
        "chip: colour differs, and nothing says why",
        "chip: project_id, colour differs, and nothing says why",
        "chip: there is no ChipRepository.repaint",
    ]


def is_empty(value: object) -> bool:
    if isinstance(value, dict):
        return all(is_empty(one) for one in value.values())
    return value in (None, "", [])


def test_a_used_home_has_values_in_every_field_of_the_original_that_is_not_listed_as_conditional(
    script: dict[str, Any], tmp_path: Path
) -> None:
    with use_home(tmp_path) as qdash, qdash.store.read() as snapshot:
        stored = {name: snapshot.find(name, {}) for name in script["REFERENCE"]["collections"]}
    unwritten = {
        name: {
            field
            for field in script["shared_fields_of"](name)
            if all(is_empty(one.get(field)) for one in documents)
        }
        for name, documents in stored.items()
    }
    conditional = {name: set(fields) for name, fields in script["REFERENCE"]["conditional"].items()}
    assert {name: fields for name, fields in unwritten.items() if fields} == conditional
    (flow,) = stored["flows"]
    assert flow["default_parameters"] == {"depth": 3}
    drawn = [one for one in stored["task_result_history"] if one["raw_data_path"]]
    assert drawn
    for one in drawn:
        assert one["figure_path"] == one["json_figure_path"] == [f"task-results/{one['task_id']}/figure"]
