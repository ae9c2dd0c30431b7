"""Links to reports on the pages of a chip, its releases and an execution."""

from __future__ import annotations

from functools import partial
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.pages import chip
from qdash_core.chips.lattices import get_builtin_topology
from qdash_ui_streamlit.display.download_link import draw_report_link

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow


def read_html(page: AppTest) -> str:
    assert not page.exception
    return " ".join(one.proto.body for one in page.get("html"))


def test_the_page_of_a_chip_has_a_link_to_its_report(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    qdash.get(CHIPS).create(qdash.access("owner"), "a", get_builtin_topology("linear-16"), backend="fake")
    text = read_html(dashboard_pages.page(chip.render, "viewer", chip="a"))
    assert "/chips/a/report" in text
    assert 'download="report-a.html"' in text


def test_a_name_cannot_leave_its_link(dashboard_pages: DashboardPages) -> None:
    name = '"><script>alert(1)</script>'
    page = dashboard_pages.page(partial(draw_report_link, path="chips/a", name=name), "viewer")
    text = read_html(page)
    assert "<script>" not in text
    assert f"report-{name}.html" in unquote(unescape(text))
