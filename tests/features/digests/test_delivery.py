"""A digest is sent by every configured notifier, and the outcome of each is known."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.digests.delivery import DigestDelivery
from qdash_builtin.digests.feature import DIGESTS
from qdash_core import InvalidInputError
from qdash_core.errors import AccessDeniedError
from qdash_core.hooks import outbox
from qdash_core.models.execution import EventModel
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.settings import Settings
from qdash_notify.builtin import MailNotifier, WebhookNotifier
from qdash_notify.delivery import Delivery

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_task
from ...notify.servers import run_mail_server, run_web_server

if TYPE_CHECKING:
    from qdash_core.hooks.notice import Notice

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

SOON_S = 20.0


class Listener:
    """Notifier that records its notices, and raises the given error."""

    def __init__(self, name: str = "listener", error: Exception | None = None) -> None:
        self.name, self._error = name, error
        self.heard: list[Notice] = []

    def notify(self, event: Notice) -> None:
        self.heard.append(event)
        if self._error is not None:
            raise self._error


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task())


def make_delivery(bench: Bench, *notifiers: Any, limit_s: float = SOON_S) -> DigestDelivery:
    return DigestDelivery(
        bench.qdash.store,
        bench.qdash.get(DIGESTS),
        ZoneInfo("UTC"),
        notifiers=lambda: notifiers,
        limit_s=limit_s,
    )


@pytest.mark.every_store
def test_a_digest_goes_by_mail_and_webhook_and_is_recorded(bench: Bench) -> None:
    with run_mail_server() as post, run_web_server() as web:
        mail = MailNotifier(f"smtp://127.0.0.1:{post.port}", ("a@example.org",), "lab@example.org")
        sent = make_delivery(bench, mail, WebhookNotifier(web.url)).send(ADMIN, CHIP)
        message = post.letters.get(timeout=SOON_S).message
        posted = web.posts.get(timeout=SOON_S)[2]
    assert sent.delivered == {"mail": "a@example.org through 127.0.0.1", "webhook": "127.0.0.1"}
    assert sent.errors == {}
    assert message["Subject"] == f"[QDash] {sent.title}"
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert plain.get_content().startswith(f"Digest of {CHIP} since ")
    assert "\nRuns " in plain.get_content()
    assert html.get_content_type() == "text/html"
    assert html.get_content().startswith("<!doctype html>")
    assert posted["text"].startswith(f"{sent.title}\n```\nDigest of {CHIP} since ")
    (event,) = [one for one in bench.list_events() if one.kind == "digest.sent"]
    assert (event.chip_id, event.data["title"], event.data["username"]) == (CHIP, sent.title, "admin")
    assert event.data["notifiers"] == ["mail", "webhook"]
    assert "example.org" not in str(event.data)


def test_a_notifier_that_fails_stops_no_other(bench: Bench) -> None:
    good, bad = Listener("good"), Listener("bad", ValueError("no\nroom"))
    sent = make_delivery(bench, bad, good).send(ADMIN, CHIP, "12h")
    assert (sent.delivered, sent.errors) == ({"good": ""}, {"bad": "ValueError: no room"})
    assert sent.describe_errors() == "bad did not deliver it: ValueError: no room"
    (notice,) = good.heard
    assert (notice.kind, notice.chip_id, notice.title) == ("digest.sent", CHIP, sent.title)
    assert str(notice) == notice.text
    assert notice.fields["look"].startswith(f"qdash digest {CHIP} --since ")


def test_a_digest_that_nobody_delivers_is_not_recorded_as_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAUSES_S", (0.0, 0.0))
    with run_web_server() as web:
        web.answers += [500, 500, 500]
        sent = make_delivery(bench, WebhookNotifier(web.url)).send(ADMIN, CHIP)
    assert sent.delivered == {}
    assert sent.errors["webhook"].startswith("HTTPError: HTTP Error 500")
    assert "digest.sent" not in {one.kind for one in bench.list_events()}


def test_a_notifier_that_hangs_is_given_up(bench: Bench) -> None:
    release = threading.Event()
    hanging = Listener("hanging")
    hanging.notify = lambda _event: release.wait(SOON_S)  # type: ignore[method-assign,assignment,return-value]
    sent = make_delivery(bench, hanging, limit_s=0.05).send(ADMIN, CHIP)
    release.set()
    assert sent.errors == {"hanging": "not delivered in time"}


def test_without_a_notifier_the_error_names_the_settings(bench: Bench) -> None:
    with pytest.raises(InvalidInputError, match=r"QDASH_NOTIFY_WEBHOOK_URL.*QDASH_NOTIFY_MAIL_URL"):
        make_delivery(bench).send(ADMIN, CHIP)


def test_a_viewer_sends_no_digest(bench: Bench) -> None:
    listener = Listener()
    with pytest.raises(AccessDeniedError):
        make_delivery(bench, listener).send(access_of("vera", role=ProjectRole.VIEWER), CHIP)
    assert listener.heard == []


def test_a_sent_digest_is_not_announced_a_second_time(bench: Bench) -> None:
    listener = Listener()
    follower = Listener("follower")
    run = Delivery(
        bench.qdash.store, [follower], Settings(notify_on="*"), PROJECT, CHIP, zone=ZoneInfo("UTC")
    )
    with run:
        make_delivery(bench, listener).send(ADMIN, CHIP)
        Repositories(bench.qdash.store).of(EventRepository).append(
            EventModel(project_id=PROJECT, kind="execution.failed", chip_id=CHIP)
        )
    assert [one.kind for one in listener.heard] == ["digest.sent"]
    assert [one.kind for one in follower.heard] == ["execution.failed"]
