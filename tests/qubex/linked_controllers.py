"""A recording controller whose boxes have links, which begin down and come up when they are begun anew."""

from __future__ import annotations

from typing import Any

from recording_controllers import RecordingController


class LinkedController(RecordingController):
    """Stands for boxes with two links each; qubex itself asks for them after it has connected, as it does of QuEL-1."""

    # Tasks on boxes work on controllers of the library alone.
    __module__ = "qubex.backend"

    def __init__(self, system_id: str, labels: tuple[str, ...]) -> None:
        super().__init__(system_id, labels)
        self.up = {"1": True, "2": False}
        self.done: list[str] = []

    def link_status(self, box_name: str) -> dict[str, bool]:
        return dict(self.up)

    def linkup_boxes(self, box_list: list[str], noise_threshold: float | None = None) -> None:
        """Leave what is down as it is, as the library does."""
        self.done.append("linkup")

    def relinkup_boxes(self, box_list: list[str]) -> None:
        self.done.append("relinkup")
        self.up = dict.fromkeys(self.up, True)

    def sync_clocks(self, box_list: list[str]) -> bool:
        self.done.append("sync")
        return True

    def resync_clocks(self, box_list: list[str]) -> bool:
        self.done.append("resync")
        return True

    def deploy_instruments(self, *, configuration: Any, parallel: Any = None) -> None:
        self.done.append("deploy")


def made(system_id: str, labels: tuple[str, ...]) -> LinkedController:
    """Make one: what the settings name."""
    return LinkedController(system_id, labels)
