"""Digests in the doctor: timetables whose digests no notifier can send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.timetables.digest_check import check_digest_timetables
from qdash_builtin.timetables.feature import TIMETABLES
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import Cron
from qdash_core.settings import Settings
from qdash_notify.builtin import WebhookNotifier

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from qdash_core.models.health_findings import HealthFinding

    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task())


def check(bench: Bench, url: str | None = None) -> HealthFinding:
    return check_digest_timetables(bench.qdash.store, [WebhookNotifier()], Settings(notify_webhook_url=url))


@pytest.mark.every_store
def test_a_planned_digest_without_a_notifier_is_a_warning_that_says_what_to_set(bench: Bench) -> None:
    assert (check(bench).status, check(bench).detail) == ("ok", "none planned")
    digest, when = DigestRequest(chip_id=CHIP), Cron(expression="0 8 * * *")
    bench.qdash.get(TIMETABLES).add(ADMIN, "morning", None, when, digest=digest, timezone="UTC")
    found = check(bench)
    assert found.status == "warning"
    assert found.detail == "1 timetable (morning) will send digests, and no notifier is configured here"
    assert "QDASH_NOTIFY_MAIL_URL" in found.advice
    assert check(bench, "https://hooks.example.org/secret").status == "ok"
    bench.qdash.get(TIMETABLES).pause(ADMIN, "morning")
    assert check(bench).status == "ok"
