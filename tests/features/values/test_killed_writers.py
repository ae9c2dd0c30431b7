"""Two processes change values at the same time and are killed: every acknowledged change exists once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.values.feature import VALUES
from qdash_core import open_qdash
from qdash_core.models.chip import ParameterModel
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.settings import Settings

from ...core.bench import LINE
from .killed_writers import CHIP, FLAGGED, TARGETS


@pytest.mark.parametrize(
    ("kind", "kills"),
    [
        pytest.param("sqlite", 8, marks=pytest.mark.slow),
        *(pytest.param(kind, 50, marks=pytest.mark.release) for kind in ("sqlite", "mongodb")),
    ],
)
def test_no_acknowledged_change_is_lost_or_repeated(kind: str, kills: int, tmp_path: Path) -> None:
    if kind == "sqlite":
        check_killed_writers(f"sqlite:///{tmp_path}/qdash.db", kills, tmp_path)
        return
    from qdash_mongo.server import MongoServer  # slow to import

    # A server of its own: transactions of killed processes stay open there for up to a minute.
    server = MongoServer(tmp_path / "mongo")
    server.start()
    try:
        check_killed_writers(server.url("race"), kills, tmp_path)
    finally:
        server.kill()


def make_flagged_result(task_id: str, qid: str) -> TaskResultModel:
    now = utc_now()
    return TaskResultModel(
        project_id="default",
        username="admin",
        chip_id=CHIP,
        execution_id="20261121-000",
        task_id=task_id,
        name="CheckT1",
        qid=qid,
        status=TaskStatus.COMPLETED,
        verdict=Verdict.FLAGGED,
        output_parameters={"t1": ParameterModel(value=20.0, unit="us", calibrated_at=now, task_id=task_id)},
        output_parameter_names=["t1"],
        start_at=now,
        end_at=now,
    )


def check_killed_writers(url: str, kills: int, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, store_url=url)
    with open_qdash(settings) as qdash:
        qdash.get(CHIPS).create(qdash.access("admin"), CHIP, LINE, backend="fake")
        for number, task_id in enumerate(FLAGGED):
            qdash.repositories.of(TaskResultHistoryRepository).add(
                make_flagged_result(task_id, TARGETS[number % 2])
            )
    program = [sys.executable, str(Path(__file__).with_name("killed_writers.py"))]
    ran = subprocess.run(
        [*program, url, str(tmp_path), str(kills), "33"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    acknowledged = [(name, event) for name, event in json.loads(ran.stdout)]
    times = Counter(name for name, _ in acknowledged)
    assert len(times) >= kills
    assert max(times.values()) > 1, "no change was repeated"

    with open_qdash(settings) as qdash:
        access = qdash.access("admin")
        events = []
        after = None
        while True:
            page = qdash.get(VALUES).list_events(access, CHIP, PageRequest(200, after))
            events += page.items
            if (after := page.next) is None:
                break
        events.reverse()
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert "accepted" in {event.head.kind for event in events}
        names = [event.head.reason for event in events]
        assert len({*names}) == len(names), "a change was performed twice"
        assert {*acknowledged} <= {(event.head.reason, event.number) for event in events}
        replayed: dict[tuple[str, str], ParameterModel] = {}
        for part in (part for event in events for part in event.parts):
            for name, change in part.values.items():
                assert replayed.get((part.qid, name)) == change.before, part
                if change.after is None:
                    replayed.pop((part.qid, name), None)
                else:
                    replayed[part.qid, name] = change.after
        chip = qdash.get(CHIPS).show(access, CHIP)
        targets = (*chip.qubits.values(), *chip.couplings.values())
        assert replayed == {(one.qid, name): value for one in targets for name, value in one.data.items()}
