"""Plugin that provides the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core.hooks.pictures import Pictures


@hookimpl
def qdash_pictures() -> list[Pictures]:
    from qdash_pictures.plotly_pictures import PlotlyPictures

    return [PlotlyPictures()]
