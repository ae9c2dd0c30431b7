"""Recording controller whose boxes have links, which are down at first and come up on a relink."""

from __future__ import annotations

from typing import Any

from recording_controllers import RecordingController


class LinkedController(RecordingController):
    """Stand-in for boxes with two links each; qubex itself queries them after connecting, as for QuEL-1."""

    # Tasks on boxes require controllers of the library.
    __module__ = "qubex.backend"

    def __init__(self, system_id: str, labels: tuple[str, ...]) -> None:
        super().__init__(system_id, labels)
        self.up = {"1": True, "2": False}
        self.done: list[str] = []

    def link_status(self, box_name: str) -> dict[str, bool]:
        return dict(self.up)

    def linkup_boxes(self, box_list: list[str], noise_threshold: float | None = None) -> None:
        """Leave links that are down as they are, like the library."""
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
    """Return a new controller; the settings name this function."""
    return LinkedController(system_id, labels)
