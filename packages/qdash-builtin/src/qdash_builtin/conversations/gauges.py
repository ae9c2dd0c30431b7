"""Gauge of running answers, for programs that watch a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.conversations.feature import ANSWERS
from qdash_core.models.gauges import HostGauge

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def read_gauges(qdash: QDash, _username: str) -> list[HostGauge]:
    """Return the gauge of the running answers."""
    meaning = "Running answers of the assistant in the responding process."
    return [HostGauge("answers_running", meaning, {(): qdash.get(ANSWERS).count_running()})]
