"""Notifiers of the core, with real servers."""

from __future__ import annotations

import json
import logging
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from qdash_core import InvalidInputError, load_plugins
from qdash_core.hooks.announcers import configure_notifiers
from qdash_core.hooks.notice import Notice
from qdash_core.hooks.outbox import Outbox
from qdash_core.process.clock import machine_now
from qdash_core.settings import Settings
from qdash_notify.builtin import LogNotifier, MailNotifier, WebhookNotifier

from .servers import run_mail_server, run_web_server

if TYPE_CHECKING:
    from pathlib import Path

    from .servers import Post

SOON_S = 20.0

NOTICE = Notice(
    kind="execution.failed", project_id="default", chip_id="64Qv3", execution_id="20260101-007", task_id="",
    at=datetime(2026, 1, 1, tzinfo=UTC), data={}, title="64Qv3: bring-up failed: no task completed µs",
    fields={"chip": "64Qv3", "tasks": "3 failed", "look": "qdash executions show 20260101-007"},
)  # fmt: skip


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Certificate and key of localhost, trusted by this process."""
    key, signed, both = tmp_path / "key.pem", tmp_path / "signed.pem", tmp_path / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", signed],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_text(key.read_text() + signed.read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    return both


def make_settings(**given: Any) -> Settings:
    return Settings(**given)


def list_notifiers(**given: Any) -> dict[str, Any]:
    notifiers = load_plugins(blocked=(), installed_too=True).notifiers()
    return {one.name: one for one in configure_notifiers(notifiers, make_settings(**given))}


@pytest.mark.usefixtures("no_settings")
def test_what_the_settings_do_not_name_is_not_in_use() -> None:
    assert list_notifiers() == {}
    used = list_notifiers(
        notify_webhook_url="https://hooks.example.org/services/secret",
        notify_mail_url="smtp://me:secret@mail.example.org",
        notify_mail_to="a@example.org,b@example.org",
    )
    assert {name: one.place for name, one in used.items()} == {
        "webhook": "hooks.example.org",
        "mail": "a@example.org, b@example.org through mail.example.org",
    }


def test_a_webhook_gets_what_slack_takes() -> None:
    with run_web_server() as web:
        WebhookNotifier(f"{web.url}/services/T0/B0").notify(NOTICE)
        path, kind, body = web.posts.get(timeout=SOON_S)
    assert (path, kind) == ("/services/T0/B0", "application/json")
    assert body["text"] == NOTICE.title
    (attachment,) = body["attachments"]
    assert attachment["color"] == "danger"
    assert {one["title"]: one["value"] for one in attachment["fields"]} == NOTICE.fields


def post_to_webhook(notice: Notice) -> dict[str, Any]:
    with run_web_server() as web:
        WebhookNotifier(web.url).notify(notice)
        body: dict[str, Any] = web.posts.get(timeout=SOON_S)[2]
    return body


def test_a_webhook_gets_a_long_text_in_a_code_block_that_is_cut_with_a_remark() -> None:
    lines = [f"{number:04} {'<' * 20}" for number in range(100)]
    text = post_to_webhook(replace(NOTICE, text="\n".join(lines)))["text"]
    title, fence, *shown, end, remark = text.splitlines()
    assert (title, fence, end) == (NOTICE.title, "```", "```")
    assert [one[:4] for one in shown] == [one[:4] for one in lines[: len(shown)]]
    assert len("\n".join([fence, *shown, end])) <= 3000
    assert remark == f"{100 - len(shown)} of 100 lines omitted; all lines: qdash executions show 20260101-007"


def test_text_of_users_has_no_effect_as_markup_in_slack() -> None:
    hostile = "<!channel> <@U1> @here ``` <https://evil.example|look> & @Channel"
    notice = replace(NOTICE, title=hostile, fields={"message": hostile})
    for body in (post_to_webhook(notice), post_to_webhook(replace(notice, text=f"a\n{hostile}"))):
        told = json.dumps(body, ensure_ascii=False)
        assert "<" not in told
        assert "&lt;!channel&gt;" in told
        assert not re.search("@(here|channel)", told, re.IGNORECASE)
        assert told.count("```") == (2 if "attachments" not in body else 0)


def test_a_webhook_that_is_refused_says_so_without_its_url() -> None:
    with run_web_server() as web:
        web.answers.append(403)
        with pytest.raises(HTTPError) as refused:
            WebhookNotifier(f"{web.url}/secret").notify(NOTICE)
        refused.value.close()
    assert "403" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert isinstance(refused.value, WebhookNotifier.transient_errors)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_goes_encrypted_with_a_login(certificate: Path, scheme: str) -> None:
    with run_mail_server(certificate, implicit=scheme == "smtps") as post:
        url = f"{scheme}://lab%40example.org:p%3Aw@localhost:{post.port}"
        MailNotifier(url, ("a@example.org", "b@example.org")).notify(NOTICE)
        letter = post.letters.get(timeout=SOON_S)
    assert letter.encrypted
    assert letter.user == "lab@example.org:p:w"
    assert letter.recipients == ["a@example.org", "b@example.org"]
    assert letter.message["From"] == "lab@example.org"
    assert letter.message["Subject"] == f"[QDash] {NOTICE.title}"
    assert abs(parsedate_to_datetime(letter.message["Date"]).replace(tzinfo=UTC) - machine_now()) < timedelta(
        minutes=1
    )
    assert letter.message.get_content().splitlines() == str(NOTICE).splitlines()


def test_a_mail_with_an_html_page_has_both_forms() -> None:
    page = "<!doctype html>\n<p>µs</p>\n"
    with run_mail_server() as post:
        mail = MailNotifier(f"smtp://127.0.0.1:{post.port}", ("a@example.org",), "lab@example.org")
        mail.notify(replace(NOTICE, text="T1      80 µs\n", html=page))
        message = post.letters.get(timeout=SOON_S).message
    assert message.get_content_type() == "multipart/alternative"
    forms = {one.get_content_type(): one.get_content().replace("\r\n", "\n") for one in message.iter_parts()}
    assert forms == {"text/plain": "T1      80 µs\n", "text/html": page}


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\u2028", "\x00", "\x0b"])
def test_a_title_adds_no_header_to_a_mail(breaks: str) -> None:
    with run_mail_server() as post:
        mail = MailNotifier(f"smtp://127.0.0.1:{post.port}", ("a@example.org",), "lab@example.org")
        mail.notify(replace(NOTICE, title=f"chip{breaks}Bcc: thief@example.org"))
        letter = post.letters.get(timeout=SOON_S)
    assert letter.recipients == ["a@example.org"]
    assert letter.message["Bcc"] is None
    assert letter.message["Subject"] == "[QDash] chip Bcc: thief@example.org"


def test_a_mail_server_on_this_machine_needs_neither_encryption_nor_login() -> None:
    with run_mail_server() as post:
        MailNotifier(f"smtp://127.0.0.1:{post.port}", ("a@example.org",), "fridge@example.org").notify(NOTICE)
        letter = post.letters.get(timeout=SOON_S)
    assert (letter.encrypted, letter.user) == (False, "")
    assert letter.message["From"] == "fridge@example.org"


def test_a_password_does_not_go_over_the_net_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qdash_notify.builtin.THIS_MACHINE", frozenset())
    with run_mail_server() as post:
        with pytest.raises(InvalidInputError, match="offers no encryption"):
            MailNotifier(f"smtp://me:secret@127.0.0.1:{post.port}", ("a@example.org",)).notify(NOTICE)
        assert post.letters.empty()


def test_a_mail_server_that_is_busy_is_worth_another_attempt() -> None:
    with run_mail_server(refuses=("451 later",)) as post:
        mail = MailNotifier(f"smtp://127.0.0.1:{post.port}", ("a@example.org",))
        with pytest.raises(MailNotifier.transient_errors):
            mail.notify(NOTICE)
        mail.notify(NOTICE)
        assert post.letters.get(timeout=SOON_S).recipients == ["a@example.org"]


def send_by_outbox(post: Post, *to: str) -> str:
    """Send a notice by an outbox, and return its error."""
    outbox = Outbox(MailNotifier(f"smtp://127.0.0.1:{post.port}", to or ("a@example.org",)))
    outbox.put(NOTICE)
    outbox.close()
    outbox.wait(SOON_S)
    return outbox.error


@pytest.mark.parametrize(
    ("taken", "message"),
    [
        ("", "unknown whether it was delivered: the mail server did not confirm the message"),
        ("what?", "unknown whether it was delivered: the mail server answered"),
        ("451 later", "the mail server refused the message: 451 later"),
    ],
)
def test_a_message_without_a_good_answer_is_sent_once(
    monkeypatch: pytest.MonkeyPatch, taken: str, message: str
) -> None:
    monkeypatch.setattr("qdash_notify.builtin.TIMEOUT_S", 0.3)
    monkeypatch.setattr("qdash_core.hooks.outbox.PAUSES_S", (0.0, 0.0))
    with run_mail_server(taken=taken, bye="250 fine") as post:
        assert send_by_outbox(post).startswith(message)
        assert post.letters.qsize() == 1


def test_an_error_at_the_end_of_a_connection_is_no_error_of_the_message() -> None:
    with run_mail_server(bye="250 fine") as post:
        assert send_by_outbox(post) == ""
        assert post.letters.qsize() == 1


def test_refused_recipients_are_named_and_the_others_receive_one_mail() -> None:
    with run_mail_server(refused=("gone@example.org",)) as post:
        error = send_by_outbox(post, "a@example.org", "gone@example.org")
        letter = post.letters.get(timeout=SOON_S)
        assert post.letters.empty()
    assert letter.recipients == ["a@example.org"]
    assert error.startswith("refused recipients: gone@example.org (550 no such user); the others received it")


def test_every_attempt_of_a_notice_has_the_same_message_id() -> None:
    with run_mail_server() as post:
        mail = MailNotifier(f"smtp://127.0.0.1:{post.port}", ("a@example.org",))
        for notice in (NOTICE, NOTICE, replace(NOTICE, title="another")):
            mail.notify(notice)
        first, second, other = (post.letters.get(timeout=SOON_S).message["Message-ID"] for _ in range(3))
    assert first == second
    assert other != first


def test_the_log_is_written_where_somebody_reads_it(caplog: pytest.LogCaptureFixture) -> None:
    assert LogNotifier().configured(make_settings()) is None
    with caplog.at_level(logging.INFO):
        log = LogNotifier().configured(make_settings())
        assert log is not None
        log.notify(NOTICE)
    assert caplog.messages == [NOTICE.title]
