"""Link-up of boxes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core import BackendError, RunParameter, TaskOutput
from qdash_qubex.system.links import list_links_down, query_links
from qdash_qubex.system.task import BoxTask

if TYPE_CHECKING:
    from qdash_core import BaseBackend


class LinkUp(BoxTask):
    """Link-up of the boxes of the run's qubits, with a check of each link.

    The library itself leaves out a box that does not come up, with a line in its log. Here that is a failure.
    """

    name = "LinkUp"
    description = "Links up the boxes and synchronises their clocks; fails if a link is down."
    expected_s = 20.0
    timeout_s = 900.0
    run_parameters = MappingProxyType(
        {
            "relink": RunParameter(
                value=False, value_type="bool",
                description="reset the links first, including links in use by others",
            ),
            "noise_threshold": RunParameter(
                value_type="int", minimum=1,
                description="background noise above which a converter counts as not linked; by default the library's",
            ),
        }
    )  # fmt: skip

    def run(self, backend: BaseBackend) -> dict[str, Any]:
        """Link up the boxes, then check each link. Touches hardware."""
        experiment, boxes = self.boxes(backend)
        try:
            if self.context.parameters["relink"]:
                experiment.measurement.relinkup(boxes)
            else:
                threshold = self.context.parameters["noise_threshold"]
                experiment.measurement.linkup(boxes, noise_threshold=threshold)
        except NotImplementedError:
            return {"boxes": boxes, "links": None}
        except ConnectionError as error:
            raise BackendError(f"{error}{self._make_hint()}") from error
        links = query_links(experiment, boxes)
        if links is not None and (not_up := list_links_down(boxes, links)):
            raise BackendError(f"these links are down: {'; '.join(not_up)}{self._make_hint()}")
        return {"boxes": boxes, "links": links}

    def postprocess(self, backend: BaseBackend | None, result: dict[str, Any]) -> TaskOutput:  # noqa: ARG002
        """Record which links are up, or that boxes have none."""
        return TaskOutput(note=result)

    def _make_hint(self) -> str:
        return (
            "" if self.context.parameters["relink"] else "; `--set LinkUp.relink=true` resets the links first"
        )
