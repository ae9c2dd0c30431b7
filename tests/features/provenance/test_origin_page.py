"""Page that finds the origin of a value by chip, target and parameter, or of a result by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.provenance.pages import origin

from ..chips.test_chip_notes import join_texts
from .test_impact_page import registry, task_ids

if TYPE_CHECKING:
    from ...ui.conftest import DashboardPages

__all__ = ["registry", "task_ids"]

pytestmark = pytest.mark.slow


def test_a_value_or_a_result_is_found(dashboard_pages: DashboardPages, task_ids: dict[str, str]) -> None:
    page = dashboard_pages.page(origin.render, "viewer")
    assert "Nothing is selected" in join_texts(page)
    next(one for one in page.text_input if one.label == "Qubit or coupling").input("Q0").run()
    (chosen,) = (one for one in page.selectbox if one.label == "Parameter")
    assert {"amplitude", "T1", "limit"} & {*chosen.options}
    assert "[Qubit 0](" in join_texts(page)
    next(one for one in page.text_input if one.label.startswith("or id")).input(task_ids["T1"]).run()
    assert f"[T1 on qubit 0](/result?result={task_ids['T1']})" in join_texts(page)


def test_what_does_not_exist_is_said(dashboard_pages: DashboardPages, task_ids: dict[str, str]) -> None:
    for params, message in (
        ({"target": "1"}, "Qubit 1 has no value in use"),
        ({"target": "77"}, "no qubit 77"),
        ({"target": "[x](y)"}, "not a qubit"),
        ({"result": "never"}, "never"),
    ):
        assert message in join_texts(dashboard_pages.page(origin.render, "viewer", **params))
