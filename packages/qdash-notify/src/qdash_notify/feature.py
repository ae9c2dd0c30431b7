"""Feature of notifications."""

from __future__ import annotations

from qdash_core.features.declarations import Feature

FEATURE = Feature(
    "notifiers",
    contributions={"qdash_notifiers": "qdash_notify.builtin:NOTIFIERS"},
    announcers=("qdash_notify.composition:make_announcer",),
    checks=("qdash_notify.health:CHECK",),
    settings=("qdash_notify.settings:NotifierSettings",),
)
