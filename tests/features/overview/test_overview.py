"""Overview: items that need attention, and the proposed first run."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from qdash_api.samples import read_samples
from qdash_builtin.chips.pages.chip_sources import order_devices
from qdash_builtin.home.views.backups import BackupStatusDocument
from qdash_builtin.overview.pages.overview_alerts import (
    describe_backup,
    describe_missing_workers,
    list_alerts,
    select_missed_timetables,
    select_recent_failures,
)
from qdash_builtin.overview.pages.overview_data import OverviewData
from qdash_builtin.runs.pages.cancellation import describe_cancellation
from qdash_builtin.runs.views.executions import ExecutionHeader
from qdash_builtin.runs.views.progress import ProgressDocument
from qdash_builtin.timetables.views.timetables import TimetableDocument

FAILED = ExecutionHeader(**read_samples("qdash_builtin")["ExecutionHeader"])
EXAMPLE = {**read_samples("qdash_builtin")["ProgressDocument"], "done": 39, "total": 42}


def test_runs_that_failed_within_a_day_cause_an_alert() -> None:
    assert FAILED.end_at is not None
    good = FAILED.model_copy(update={"status": "completed"})
    running = FAILED.model_copy(update={"end_at": None})
    soon, late = FAILED.end_at + timedelta(hours=23), FAILED.end_at + timedelta(hours=25)
    assert select_recent_failures([good, FAILED, running], soon) == [FAILED]
    assert select_recent_failures([FAILED], late) == []


def test_the_message_of_a_failed_run_shows_commands_as_code_and_no_html() -> None:
    failed = FAILED.model_copy(
        update={"message": "ann <b>stopped</b> it; `qdash executions resume 7` finishes it"}
    )
    found = OverviewData([], False, [], [failed], [], [], None, None, [], None, None, [])
    view = SimpleNamespace(link=lambda page, **params: page, now=lambda: failed.end_at, edits=False)
    (alert,) = list_alerts(view, found)
    assert r"ann \<b>stopped\</b> it; `qdash executions resume 7` finishes it" in alert.text


def test_timetables_that_started_no_run_within_a_day_cause_an_alert() -> None:
    started = TimetableDocument(**read_samples("qdash_builtin")["TimetableDocument"])
    assert started.last is not None
    missed = started.last.model_copy(update={"became": "missed", "why": "nobody was there to begin it"})
    nightly = started.model_copy(update={"last": missed})
    never = started.model_copy(update={"last": None})
    soon, late = missed.at + timedelta(hours=23), missed.at + timedelta(hours=25)
    sent = started.model_copy(update={"last": missed.model_copy(update={"became": "sent"})})
    assert select_missed_timetables([started, never, sent, nightly], soon) == [(nightly, missed)]
    assert select_missed_timetables([nightly], late) == []


def test_the_age_of_the_last_backup_is_a_sentence() -> None:
    assert describe_backup(BackupStatusDocument(overdue=True)) == "No complete backup of the store was made."
    old = BackupStatusDocument(age_s=8 * 86_400.0 + 7200, overdue=True)
    assert describe_backup(old) == "The last complete backup of the store is 8 d 2 h old."
    restored = old.model_copy(update={"restored": True})
    assert (
        describe_backup(restored)
        == "The store was restored from a backup that is 8 d 2 h old; none was made since."
    )


def test_missing_workers_cause_an_alert_with_advice() -> None:
    assert "3 runs in the queue cannot start" in describe_missing_workers(3)
    assert "new runs have to wait" in describe_missing_workers(0)
    assert "`qdash worker`" in describe_missing_workers(0)


def test_the_consequences_of_a_cancellation_are_described() -> None:
    far = ProgressDocument(**EXAMPLE)
    assert "has 39 of 42 results, which are kept. The remaining 3 are not measured" in describe_cancellation(
        far
    )
    waits = ProgressDocument(**{**EXAMPLE, "total": 0, "status": "scheduled"})
    assert "has no results yet" in describe_cancellation(waits)
    assert "is already completed" in describe_cancellation(
        ProgressDocument(**{**EXAMPLE, "status": "completed"})
    )


@pytest.mark.parametrize(
    ("devices", "order"),
    [
        ({"big": 127, "a": 27, "small": 7, "b": 27}, ["a", "b", "small", "big"]),
        ({"one": 5}, ["one"]),
        ({}, []),
    ],
)
def test_the_device_closest_to_the_proposed_size_comes_first(
    devices: dict[str, int], order: list[str]
) -> None:
    assert order_devices(devices) == order
