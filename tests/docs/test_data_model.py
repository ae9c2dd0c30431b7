"""Page of the data model, against the models and collections, with a reason for each difference from the
original.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script() -> dict[str, Any]:
    """Names of the script; loaded anew for each test, since one changes them."""
    return runpy.run_path(str(ROOT / "docs/make_data_model.py"))


def test_the_page_is_as_the_models_are(script: dict[str, Any]) -> None:
    page = (ROOT / "docs/data-model.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run: uv run docs/make_data_model.py"


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
