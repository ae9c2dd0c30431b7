"""Sources of flows read by a newly started process, as in use: other tests read them in forks (`tests/prepared`)."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from qdash_builtin.flows import flow_sources
from qdash_builtin.flows.flow_sources import report_source

if TYPE_CHECKING:
    import pytest

FLOW = """\
from qdash_core import CalibService


def night(username, chip_id, qids, *, rounds: int = 2):
    CalibService(username, chip_id, flow_nam="night")
"""


def test_each_request_is_answered_by_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_sources, "subprocess", subprocess)

    checked = flow_sources.check_source("def night(*, rounds: int = 2): ...")
    (problem,) = report_source(FLOW, tasks={"CheckT1"}).problems

    assert checked.form.defaults == {"rounds": 2}
    assert (problem.line, "did you mean 'flow_name'" in problem.message) == (5, True)
