"""Events page: filters in the address, links, pages of limited length."""

from __future__ import annotations

from functools import partial

import pytest

from qdash_builtin.runs.pages import events
from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository

from ...ui.tables import read_rows
from ..journal import SPITEFUL, Journal

pytestmark = pytest.mark.slow


def test_events_are_listed_with_links_and_filtered(journal: Journal) -> None:
    found = partial(EventModel, project_id="default", chip_id="a")
    with journal.pages.qdash.store.transaction() as transaction:
        log = type(journal.pages.qdash.repositories)(transaction).of(EventRepository)
        for _ in range(120):
            log.append(found(kind="task.completed", execution_id="20400101-000"))
        data = {"name": "CheckT1", "qid": "0-1", "message": SPITEFUL, "verdict": "rejected"}
        log.append(found(kind="task.failed", task_id="r1", execution_id="20400101-001", data=data))
        log.append(found(kind="issue.opened", chip_id="", data={"issue_id": "7", "username": "owner"}))
    page = partial(journal.pages.page, events.render, "viewer")
    rows = read_rows(page(), "Events")
    assert len(rows) == 100
    issue, failed = rows[:2]
    assert (issue["subject"], issue["details"]) == ("issue #7", "by owner")
    assert issue["address"].endswith("/issue?issue=7")
    assert failed["details"] == f"message: {SPITEFUL}; verdict: rejected"
    assert failed["target_address"].endswith("/coupling?chip=a&coupling=0-1")
    assert failed["address"].endswith("/result?result=r1")
    for address, number in (
        ({"kind": "task.failed"}, 1),
        ({"kind": "issue.*"}, 1),
        ({"execution": "20400101-001"}, 1),
        ({"chip": "b"}, 0),
        ({"until": "2020-01-01"}, 0),
    ):
        assert len(read_rows(page(**address), "Events")) == number
