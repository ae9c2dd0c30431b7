"""Work that workers do besides runs."""

from __future__ import annotations

from typing import Protocol


class BackgroundWork(Protocol):
    """Work that a worker does besides runs. A feature names in `background_work` the function that returns it."""

    def handle_due(self) -> object:
        """Begin what is due; called with every check of the queue."""

    def wait_for_activities(self, seconds: float) -> None:
        """Wait for what is in progress when the worker ends, at most the given time."""
