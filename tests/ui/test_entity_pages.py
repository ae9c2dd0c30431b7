"""Page of an entity of a plugin: table, and forms to add, edit and delete a record."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.hooks.manager import load_plugins
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.page import arrange_pages, make_entity_page
from qdash_ui_streamlit.pages import entity_records
from qdash_ui_streamlit.pages.all_pages import PAGES

from ..helium_fills import FILLS, declare_fills, make_plugin

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry

    from ..helium_fills import HeliumFill
    from .conftest import DashboardPages

pytestmark = pytest.mark.slow

_RENDER = partial(entity_records.render, entity=FILLS)
_NEW = "helium-fills.new.0"


@pytest.fixture
def registry() -> Registry:
    return load_plugins(extra={"gas": make_plugin(FILLS)})


def _create(pages: DashboardPages, **fields: Any) -> HeliumFill:
    access = pages.qdash.access("editor")
    return pages.qdash.open_entity(FILLS).create(access, **{"litres": 50.0, **fields})


def _list(pages: DashboardPages) -> list[HeliumFill]:
    return pages.qdash.open_entity(FILLS).list_by_project(pages.qdash.access("viewer"))

def _submit(drawn: AppTest, label: str) -> AppTest:
    (button,) = (one for one in drawn.button if one.label == label)
    return button.click().run()


def test_x(dashboard_pages: DashboardPages) -> None:
    drawn = dashboard_pages.page(_RENDER, "editor")
    print(drawn)
    drawn.number_input(key=f"{_NEW}.litres").set_value(0.00012345678)
    drawn = _submit(drawn, "Create")
    print(drawn)
    print(_list(dashboard_pages))
    (one,) = _list(dashboard_pages)
    drawn = dashboard_pages.page(_RENDER, "editor", record=one.record_id)
    print(drawn)
    assert 0
