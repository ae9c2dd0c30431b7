"""Built-in notifiers: log, webhook and e-mail, each used if the settings name a destination."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from qdash_core.errors import InvalidInputError
from qdash_core.hooks.notice import make_one_line
from qdash_core.process.clock import machine_now
from qdash_notify.settings import NotifierSettings
from qdash_notify.slack_message import make_slack_message

if TYPE_CHECKING:
    from qdash_core.hooks.notice import Notice
    from qdash_core.settings import Settings
    from qdash_notify.smtp import MailConnection

logger = logging.getLogger("qdash.notices")

TIMEOUT_S = 10.0
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class LogNotifier:
    """Notifier that writes notices to the log `qdash.notices` at level INFO."""

    name = "log"
    place = "level INFO"

    def configured(self, _settings: Settings) -> LogNotifier | None:
        """Return the notifier itself if the level INFO is enabled."""
        return self if logger.isEnabledFor(logging.INFO) else None

    def notify(self, notice: Notice) -> None:
        """Write the title to the log."""
        logger.info("%s", make_one_line(notice.title))


class WebhookNotifier:
    """Notifier that posts notices as JSON for Slack and compatible services."""

    name = "webhook"
    transient_errors = (OSError,)

    def __init__(self, url: str = "") -> None:
        self._url = url

    @property
    def place(self) -> str:
        """Host of the URL; the rest of the URL is a secret."""
        return urlsplit(self._url).hostname or ""

    def configured(self, settings: Settings) -> WebhookNotifier | None:
        """Return a notifier for the URL in the settings, or None."""
        url = settings.of(NotifierSettings).notify_webhook_url
        return WebhookNotifier(url) if url else None

    def notify(self, notice: Notice) -> None:
        """Post the title, with the text in a code block or else the fields as an attachment."""
        from urllib.request import Request, urlopen

        body = json.dumps(make_slack_message(notice)).encode()
        request = Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310  http or https: see the settings
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            answer.read()


class MailNotifier:
    """Notifier that sends e-mail through an SMTP server, by `smtp://` with STARTTLS or `smtps://` with TLS."""

    name = "mail"
    transient_errors = (OSError,)

    def __init__(self, url: str = "", to: tuple[str, ...] = (), sender: str = "") -> None:
        self._url, self._to = urlsplit(url), to
        self._user, self._password = unquote(self._url.username or ""), unquote(self._url.password or "")
        self._host = self._url.hostname or ""
        self._sender = sender or (self._user if "@" in self._user else f"qdash@{self._host}")

    @property
    def place(self) -> str:
        """Recipients and server."""
        return f"{', '.join(self._to)} through {self._host}"

    def configured(self, settings: Settings) -> MailNotifier | None:
        """Return a notifier for the server in the settings, or None."""
        found = settings.of(NotifierSettings)
        if not found.notify_mail_url:
            return None
        return MailNotifier(found.notify_mail_url, found.mail_addresses, found.notify_mail_from or "")

    def notify(self, notice: Notice) -> None:
        """Send an e-mail with the title as subject and the notice as text, and as HTML if it has any.

        Raises
        ------
        InvalidInputError
            If a password would be sent unencrypted.
        MailError
            If the message or a recipient was refused, or it is unknown whether the message was delivered.
        OSError
            If nobody has received it.
        """
        from email.message import EmailMessage
        from email.utils import formatdate

        from qdash_notify.smtp import check_recipients

        message = EmailMessage()
        message["Subject"] = make_one_line(f"[QDash] {notice.title}")
        message["From"], message["To"] = self._sender, ", ".join(self._to)
        message["Date"], message["Message-ID"] = (
            formatdate(machine_now().timestamp()),
            _make_message_id(notice),
        )
        message.set_content(f"{str(notice).rstrip()}\n")
        if notice.html:
            message.add_alternative(notice.html, subtype="html")
        with self._connect() as server:
            if self._user:
                server.login(self._user, self._password)
            check_recipients(server.send_message(message))

    def _connect(self) -> MailConnection:
        import ssl

        from qdash_notify.smtp import EncryptedMailConnection, MailConnection

        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            return EncryptedMailConnection(
                self._host, self._url.port or 465, timeout=TIMEOUT_S, context=context
            )
        server = MailConnection(self._host, self._url.port or 587, timeout=TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        elif self._user and self._host not in THIS_MACHINE:
            server.close()
            raise InvalidInputError(
                f"{self._host} offers no encryption, and a password is not sent without: see QDASH_NOTIFY_MAIL_URL"
            )
        return server


def _make_message_id(notice: Notice) -> str:
    """Return the Message-ID of a notice, the same in each attempt, so that mail programs recognise a repeated message."""
    parts = (notice.project_id, notice.kind, notice.at.isoformat(), notice.title, str(notice))
    return f"<{sha256(chr(0).join(parts).encode()).hexdigest()[:40]}@qdash>"


NOTIFIERS = (LogNotifier(), WebhookNotifier(), MailNotifier())
