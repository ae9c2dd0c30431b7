"""Stand-in for the parts of the library's `Experiment` that tasks on the instruments use; nothing of the
library is imported.

`test_system_tasks.py` compares each method with the library's own.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray


class OwnController:
    """A controller that counts as the library's own."""

    __module__ = "qubex.backend"


@dataclass
class StandInMeasurement:
    """Stand-in for the state of boxes in the library's `Measurement`."""

    links: dict[str, dict[int, bool]] | None
    clocks: dict[str, tuple[bool, int, int]] | None
    fails_to_link: str = ""
    done: list[tuple[Any, ...]] = field(default_factory=list)

    def linkup(self, box_list: list[str], noise_threshold: float | None = None) -> None:
        if self.links is None:
            raise NotImplementedError("Active backend does not support linkup.")
        if self.fails_to_link:
            raise ConnectionError(self.fails_to_link)
        self.done.append(("linkup", *box_list, noise_threshold))

    def relinkup(self, box_list: list[str]) -> None:
        if self.links is None:
            raise NotImplementedError("Active backend does not support relinkup.")
        self.done.append(("relinkup", *box_list))

    def check_link_status(self, box_list: list[str], *, parallel: bool | None = None) -> dict[str, Any]:
        if self.links is None:
            raise NotImplementedError("Active backend does not support link status checks.")
        links = {box: self.links[box] for box in box_list if box in self.links}
        return {"status": all(all(found.values()) for found in links.values()), "links": links}

    def check_clock_status(self, box_list: list[str]) -> dict[str, Any]:
        if self.clocks is None:
            raise NotImplementedError("Active backend does not support clock status checks.")
        times = {self.clocks[box][1] for box in box_list}
        return {"status": len(times) == 1, "clocks": {box: self.clocks[box] for box in box_list}}


@dataclass
class StandInSystem:
    """Stand-in for the state of boxes in the library's `SystemManager`."""

    difference: str = ""

    def is_synced(self, *, box_ids: Sequence[str]) -> bool:
        if self.difference:
            warnings.warn(self.difference, category=UserWarning, stacklevel=2)
        return not self.difference


@dataclass(frozen=True)
class StandInResonator:
    """Stand-in for a resonator of the library."""

    label: str
    qubit: str


@dataclass(frozen=True)
class StandInMux:
    """Stand-in for a multiplexer of the library."""

    index: int
    resonators: tuple[StandInResonator, ...]


class StandInWiring:
    """Stand-in for the library's `ExperimentSystem`: qubits 0 to 2 on one multiplexer, 4 on another."""

    def get_mux_by_qubit(self, label: str) -> StandInMux:
        index = int(label[1:]) // 4
        labels = [f"Q{number:02d}" for number in ((0, 1, 2) if index == 0 else (4,))]
        return StandInMux(index, tuple(StandInResonator(f"R{one}", one) for one in labels))


class StandInTool:
    """Stand-in for the library's module `experiment_tool`."""

    def __init__(self, boxes: dict[str, dict[Any, Any]] | None) -> None:
        self._boxes = boxes

    def dump_box(self, box_id: str) -> dict[Any, Any]:
        if self._boxes is None:
            raise NotImplementedError("Active backend does not support `dump_box`.")
        return self._boxes[box_id]


class StandInExperiment:
    """Two qubits on two boxes. Its calls are recorded in `measurement.done`."""

    configuration_mode = "ge-cr-cr"

    def __init__(
        self,
        *,
        links: dict[str, dict[int, bool]] | None,
        clocks: dict[str, tuple[bool, int, int]] | None,
        fails_to_link: str = "",
        difference: str = "",
        boxes: Sequence[str] = ("BOXA", "BOXB"),
        noise: dict[str, NDArray[np.complex128]] | None = None,
        controller: object = None,
        forgets: bool = False,
        labels: Sequence[str] = ("Q00", "Q01"),
        dumps: dict[str, dict[Any, Any]] | None = None,
    ) -> None:
        self.qubit_labels, self.box_ids = list(labels), list(boxes)
        self.experiment_system, self.tool = StandInWiring(), StandInTool(dumps)
        self.measurement = StandInMeasurement(links, clocks, fails_to_link)
        self.system_manager = StandInSystem(difference)
        self.backend_controller = controller or OwnController()
        self.left_out: list[str] = []
        self._noise, self._forgets, self._connected = noise or {}, forgets, True

    def is_connected(self) -> bool:
        return self._connected

    def connect(self, *, sync_clocks: bool | None = None, parallel: bool | None = None) -> None:
        self._connected = True
        self.measurement.done.append(("connect",))

    def configure(
        self,
        box_ids: str | list[str] | None = None,
        exclude: str | list[str] | None = None,
        mode: str | None = None,
        confirm: bool = True,
    ) -> None:
        assert not confirm, "nobody is there to answer"
        self.measurement.done.append(("configure", *(box_ids or ()), mode))
        self.left_out = list(exclude or ())
        self._connected = not self._forgets

    def check_noise(
        self,
        targets: Collection[str] | str | None = None,
        *,
        duration: int | None = None,
        plot: bool | None = None,
    ) -> SimpleNamespace:
        assert plot is False
        found = {
            label: SimpleNamespace(raw=raw, sampling_period=0.8) for label, raw in self._captures(duration)
        }
        return SimpleNamespace(data=found)

    def _captures(self, duration: int | None) -> Iterator[tuple[str, NDArray[np.complex128]]]:
        assert duration is not None
        yield from ((label, raw[: round(duration / 0.8)]) for label, raw in self._noise.items())
