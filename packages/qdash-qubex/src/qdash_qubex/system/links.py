"""Links of boxes, and whether they are up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Links = dict[str, dict[str, bool]]
"""Box to link to whether it is up."""


def links_of(experiment: Any, boxes: Sequence[str]) -> Links | None:
    """Ask boxes for their links. Touches hardware. None: these boxes have none that can be asked for."""
    try:
        asked: Mapping[str, Any] = experiment.measurement.check_link_status(list(boxes))
    except NotImplementedError:  # the controller of QuEL-3 has no links: connecting is all it needs
        return None
    return {
        str(box): {str(link): bool(up) for link, up in links.items()} for box, links in asked["links"].items()
    }


def down(boxes: Sequence[str], links: Links) -> list[str]:
    """Return what is not up, in words: `BOXA (1, 2)` with the links that are down, `BOXB` where no link answered."""
    silent = [box for box in boxes if not links.get(box)]
    broken = {box: [link for link, up in found.items() if not up] for box, found in links.items()}
    return [*silent, *(f"{box} ({', '.join(which)})" for box, which in broken.items() if which)]
