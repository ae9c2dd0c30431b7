"""Feature of notifications."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "notifiers",
    contributions={"qdash_notifiers": "qdash_core.notifiers.builtin:NOTIFIERS"},
    announcers=("qdash_core.services.notifiers:make_announcer",),
    settings=("qdash_core.notifiers.settings:NotifierSettings",),
)
