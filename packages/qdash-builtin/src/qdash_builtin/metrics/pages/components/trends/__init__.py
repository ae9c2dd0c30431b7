"""Small plots of series, each a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_trends = make_component(__file__, html='<div class="trends"></div>', parts=("annotations",))


def trend_plots(items: Sequence[Mapping[str, Any]], *, more: Mapping[str, str] | None, key: str) -> None:
    """Draw the plots, and a link (`href` and `title`) to further ones if there are any.

    Parameters
    ----------
    items : sequence of mapping
        `href`, `title`, `value` (the latest one), `plot` (SVG), its `frame`, its `annotations` as in `show_figure`, and `words` of each.
    """
    _trends(key=key, data={"items": list(items), "more": more})
