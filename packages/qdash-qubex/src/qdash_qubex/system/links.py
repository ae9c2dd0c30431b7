"""Status of the links of boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Links = dict[str, dict[str, bool]]
"""Status of links by box and link: True if up."""


def query_links(experiment: Any, boxes: Sequence[str]) -> Links | None:
    """Return the status of the links of boxes, or None if the boxes have no links. Touches hardware."""
    try:
        asked: Mapping[str, Any] = experiment.measurement.check_link_status(list(boxes))
    except NotImplementedError:  # the controller of QuEL-3 has no links: connecting is all it needs
        return None
    return {
        str(box): {str(link): bool(up) for link, up in links.items()} for box, links in asked["links"].items()
    }


def list_links_down(boxes: Sequence[str], links: Links) -> list[str]:
    """Return the links that are down as text: `BOXA (1, 2)`, or `BOXB` if no link answered."""
    silent = [box for box in boxes if not links.get(box)]
    broken = {box: [link for link, up in found.items() if not up] for box, found in links.items()}
    return [*silent, *(f"{box} ({', '.join(which)})" for box, which in broken.items() if which)]
