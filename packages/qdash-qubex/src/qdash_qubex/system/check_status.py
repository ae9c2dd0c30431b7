"""Status of boxes: connection, links, clocks, configuration."""

from __future__ import annotations

import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration, BackendError, RawData, TaskOutput
from qdash_qubex.system.links import list_links_down, query_links
from qdash_qubex.system.task import BoxTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseBackend


class CheckStatus(BoxTask):
    """Status query of the run's boxes.

    It fails if a link is down or the clocks differ, because measurements are then meaningless. Differences between the boxes
    and the configuration folder are only reported, since a calibrated frequency is one.
    Quantities that boxes cannot report are absent.
    """

    name = "CheckStatus"
    description = (
        "Links, clocks and configuration as reported by the boxes; fails if a link is down or clocks differ."
    )
    expected_s = 5.0
    timeout_s = 300.0
    arrays = MappingProxyType(
        {"link_is_up": ArrayDeclaration("", "status of each link of each box, in the order of `links`")}
    )

    def run(self, backend: BaseBackend) -> RawData:
        """Query the status. Touches hardware, and changes nothing on it."""
        experiment, boxes = self.boxes(backend)
        if not experiment.is_connected():
            raise BackendError(f"the boxes {', '.join(boxes)} are not connected")
        links = query_links(experiment, boxes)
        said = {
            "boxes": boxes,
            "links": links,
            **_read_clocks(experiment, boxes),
            **_check_configuration(experiment, boxes),
        }
        flat = [up for found in (links or {}).values() for up in found.values()]
        return RawData({"link_is_up": (np.array(flat, dtype=bool), "")}, attributes=said)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Return the status, or raise `BackendError` if a measurement is impossible."""
        said = dict(result.attributes)
        wrong = []
        if said["links"] is not None and (not_up := list_links_down(said["boxes"], said["links"])):
            wrong.append(f"these links are down: {'; '.join(not_up)} (LinkUp brings them up)")
        if said.get("clocks_agree") is False:
            wrong.append(
                f"the clocks of {', '.join(said['boxes'])} differ: {said['clocks']} (LinkUp synchronises them)"
            )
        if wrong:
            raise BackendError("; ".join(wrong))
        return TaskOutput(note=said)


def _read_clocks(experiment: Any, boxes: Sequence[str]) -> dict[str, Any]:
    """Return the clock readings, and whether they agree; empty if they are unreadable."""
    try:
        found = experiment.measurement.check_clock_status(list(boxes))
    except NotImplementedError:
        return {}
    clocks = {str(box): list(reading) for box, reading in found["clocks"].items()}
    return {"clocks": clocks, "clocks_agree": bool(found["status"])}


def _check_configuration(experiment: Any, boxes: Sequence[str]) -> dict[str, Any]:
    """Return whether the boxes match the library's configuration, with the differences that it warns about."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        as_configured = bool(experiment.system_manager.is_synced(box_ids=list(boxes)))
    return {"as_configured": as_configured, "differences": [str(one.message).strip() for one in caught]}
