"""Feature of notifications."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature("notifiers", settings=("qdash_core.notifiers.settings:NotifierSettings",))
