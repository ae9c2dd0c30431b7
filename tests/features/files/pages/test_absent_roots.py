"""Files page of a host without roots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.files.pages import files
from qdash_core.settings import Settings

from .drawn_page import find_data

if TYPE_CHECKING:
    from pathlib import Path

    from ....ui.conftest import DashboardPages

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_the_page_says_how_to_configure_roots_and_offers_executions(dashboard_pages: DashboardPages) -> None:
    drawn = dashboard_pages.page(files.render, "viewer")
    assert "[file_roots.NAME]" in drawn.info[0].value
    assert [one["name"] for one in find_data(drawn, "rows")["rows"]] == ["executions"]
    drawn = dashboard_pages.page(files.render, "viewer", root="executions")
    assert find_data(drawn, "rows")["rows"] == []
