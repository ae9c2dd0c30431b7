"""Pages of flows: list, editor, runs and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_ui_streamlit.pages import flows

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from .conftest import DashboardPages

NIGHT = '''\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets


def night(username, chip_id, qids, *, rounds: int = 2):
    """T1 again and again."""
    cal = CalibService(username, chip_id)
    for _ in range(rounds):
        cal.run(QubitTargets(qids), [CustomOneQubit(["CheckT1"])])
    cal.finish_calibration()
'''


@pytest.fixture
def pages(dashboard_pages: DashboardPages) -> DashboardPages:
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    qdash.chips.create(access, "lab", {"topology": "square-2x2"}) if False else None
    qdash.flows.save(access, "night", NIGHT, tags=["nightly"])
    return dashboard_pages


def say(page: AppTest) -> str:
    parts = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    return "\n".join(one.value for one in parts)


def test_list(pages):
    page = pages.page(flows.render, "editor")
    assert not page.exception, page.exception
    for params in (
        {"flow": "night"},
        {"flow": "check"},
        {"flow": "night", "view": "run"},
        {"flow": "night", "view": "versions"},
        {"flow": "mine", "start": "example"},
        {"flow": "mine", "start": "check"},
    ):
        for who in ("editor", "viewer"):
            page = pages.page(flows.render, who, **params)
            print(params, who, page.exception, say(page))
    assert 0
