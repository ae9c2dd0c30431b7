"""Connections to SMTP servers, with separate errors for messages that must not be sent again."""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTP, SMTP_SSL, SMTPDataError, SMTPException
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any

_TAKEN = 250


class MailError(QDashError):
    """A message was refused, or perhaps delivered: look into the mailbox before you send it again."""


class MailConnection(SMTP):
    """Connection whose errors after the start of a message are MailError, and whose end raises no errors."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message and return the answer of the server; raise MailError if it refuses, or gives no valid answer."""
        try:
            code, answer = super().data(msg)
        except SMTPDataError as error:
            raise MailError(f"the mail server refused the message: {_format(error.smtp_error)}") from error
        except OSError as error:
            raise MailError(
                f"unknown whether it was delivered: the mail server did not confirm the message ({error}); look into the mailbox"
            ) from error
        if code == _TAKEN:
            return code, answer
        if 400 <= code < 600:
            raise MailError(f"the mail server refused the message: {code} {_format(answer)}")
        raise MailError(
            f"unknown whether it was delivered: the mail server answered {code} {_format(answer)}; look into the mailbox"
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(SMTPException):
            super().__exit__(kind, error, traceback)


class EncryptedMailConnection(MailConnection, SMTP_SSL):
    """Connection that is encrypted from its start."""


def check_recipients(refused: Mapping[str, tuple[int, bytes]]) -> None:
    """Raise MailError with the refused recipients of a message that the others received."""
    if refused:
        named = ", ".join(f"{one} ({code} {_format(why)})" for one, (code, why) in refused.items())
        raise MailError(f"refused recipients: {named}; the others received it: correct QDASH_NOTIFY_MAIL_TO")


def _format(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
