"""Settings of notifications."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.parsing.remote_urls import is_address
from qdash_core.parsing.wildcards import match_names
from qdash_core.settings import REPORTED, FeatureSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.features.declarations import EventKind
    from qdash_core.hooks.manager import Registry

_KIND = re.compile(r"[a-z0-9*?_-]+\.[a-z0-9*?_.-]+")
"""Form of a kind with wildcards: it has a dot, unlike most secrets that are set by mistake."""


def _split_list(text: str | None) -> tuple[str, ...]:
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def _check_kinds(text: str | None) -> str | None:
    """Refuse what cannot be a kind, and unknown kinds of a known subject. Another subject may be of a plugin that is not installed now."""
    unknown = list_unknown_kinds(_split_list(text), list_event_kinds())
    if not unknown:
        return text
    from qdash_core.hooks.manager import load_plugins

    known = load_event_kinds(load_plugins())
    for kind in list_unknown_kinds(unknown, known):
        if not _KIND.fullmatch(kind) or match_names(f"{kind.partition('.')[0]}.*", known):
            raise ValueError(f"{kind!r} is not a kind of event; known are {', '.join(known)}")
    return text


def list_unknown_kinds(kinds: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the kinds, with wildcards, that match none of the known ones."""
    known = list(known)
    return [kind for kind in kinds if not match_names(kind, known)]


def load_event_kinds(registry: Registry) -> dict[str, EventKind]:
    """Return every kind of event, also those of features and entities that functions of plugins return: these plugins are imported."""
    registry.features()
    registry.entities()
    return list_event_kinds()


def _check_webhook(url: str | None) -> str | None:
    # Do not repeat the URL, which is a secret that permits posting.
    if url and not is_address(url, ("http", "https")):
        raise ValueError("a webhook has the form https://host/path")
    return url


def _check_mail_server(url: str | None) -> str | None:
    if url and not is_address(url, ("smtp", "smtps")):
        raise ValueError(
            "a mail server has the form smtp://user:password@host:587, or smtps:// with port 465"
        )
    return url


def _check_addresses(text: str | None, info: ValidationInfo) -> str | None:
    if info.field_name == "notify_mail_to" and info.data.get("notify_mail_url") and not _split_list(text):
        raise ValueError("required with notify_mail_url: set the recipients of notices")
    for address in _split_list(text):
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise ValueError(f"{address!r} is not an e-mail address")
    return text


class NotifierSettings(FeatureSettings):
    """Kinds of events in notices, and their recipients."""

    notify_on: Annotated[str | None, AfterValidator(_check_kinds)] = Field(
        default=None, json_schema_extra=REPORTED
    )
    """Comma-separated kinds of events for notifiers; `*` matches anything. By default the kinds that are declared as notified. Kinds of a plugin may be named while it is not installed."""
    notify_webhook_url: Annotated[str | None, AfterValidator(_check_webhook)] = Field(
        default=None, repr=False
    )
    """URL to which notices are posted as JSON, as for Slack."""
    notify_mail_url: Annotated[str | None, AfterValidator(_check_mail_server)] = Field(
        default=None, repr=False
    )
    """Mail server for notices, `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`."""
    notify_mail_to: Annotated[str | None, AfterValidator(_check_addresses)] = None
    """Comma-separated recipients of notices by e-mail."""
    notify_mail_from: Annotated[str | None, AfterValidator(_check_addresses)] = None
    """Sender of notices by e-mail; by default the user of the server."""

    @property
    def notified_kinds(self) -> tuple[str, ...]:
        """Kinds of events that notifiers receive."""
        if self.notify_on is None:
            return tuple(kind.name for kind in list_event_kinds().values() if kind.notified)
        return _split_list(self.notify_on)

    @property
    def mail_addresses(self) -> tuple[str, ...]:
        """Recipients of notices by e-mail."""
        return _split_list(self.notify_mail_to)
