"""Overlay of results in the dashboard: the values of the results below their figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.results.pages import result
from qdash_core import CalibConfig, CalibOrchestrator, RawData

from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task
from ...ui.tables import read_rows

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.task import TaskResultModel

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow
RAW = RawData({"signal": ([4.0, 5.0, 6.0], "a.u.")})


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([make_task(measure=lambda *_: RAW)], [make_backend()], http_host=True)


@pytest.fixture
def results(dashboard_pages: DashboardPages) -> list[TaskResultModel]:
    """Two results of qubit 0 and one of qubit 1, the newest last."""
    from qdash_builtin.chips.feature import CHIPS

    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    found = []
    for qid in "001":
        session = CalibOrchestrator(
            CalibConfig(username="owner", chip_id=CHIP, project_id=access.project_id), qdash
        )
        session.initialize()
        found.append(session.run_task("Measure", qid))
        session.complete()
    return found


def test_results_on_the_same_target_are_overlaid_with_the_differences_of_their_values(
    dashboard_pages: DashboardPages, results: list[TaskResultModel]
) -> None:
    first, second, other = (one.task_id for one in results)
    page = dashboard_pages.page(result.render, "viewer", result=second, **{"with": f"{first},{other}"})
    rows = read_rows(page, "Values of the overlaid results")
    assert {row["href"] for row in rows} == {f"/result?result={first}"}
    assert [row["difference"][:1] for row in rows if row["name"] == "T1"] == ["0"]
    (offered,) = page.multiselect
    assert offered.options[0].startswith("qubit 0")
