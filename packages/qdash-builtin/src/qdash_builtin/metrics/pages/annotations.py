"""Annotations of a chip on plots over time: loading, legend, texts and links; `components/annotations.js` draws them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from qdash_builtin.metrics.annotation_kinds import AnnotationKind
from qdash_builtin.metrics.operations.annotations import chip_annotations
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.times import format_plot_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from datetime import datetime

    from qdash_builtin.metrics.views.annotations import AnnotationDocument, ChipAnnotationsDocument
    from qdash_ui_streamlit.view import View

KINDS = {
    AnnotationKind.COOLDOWN: ("C", "cool-downs"),
    AnnotationKind.WARM_UP: ("W", "warm-ups"),
    AnnotationKind.NOTE: ("N", "notes"),
    AnnotationKind.DECISION: ("D", "decisions"),
    AnnotationKind.VALUE: ("V", "values by users"),
    AnnotationKind.REVERSION: ("R", "restored values"),
    AnnotationKind.SETTING: ("S", "changed settings"),
    AnnotationKind.DESIGN: ("G", "design values"),
}
"""Letter of each kind on a plot, and its name in the legend."""
_LONGEST = 200


@contextmanager
def loading_annotations(
    view: View, chip_id: str, **query: Any
) -> Iterator[Future[ChipAnnotationsDocument | None]]:
    """Load the annotations of a chip while the page loads its other data; None if the host lacks them or the chip. One request."""
    pool = ThreadPoolExecutor(1)
    try:
        yield pool.submit(load_annotations, view, chip_id, **query)
    finally:
        pool.shutdown(wait=False)


def load_annotations(view: View, chip_id: str, **query: Any) -> ChipAnnotationsDocument | None:
    """Load the annotations of a chip, or None if the host lacks them or the chip."""
    try:
        return view.ask(chip_annotations, chip_id, **query)
    except NotFoundError:
        return None


def select_annotations(
    found: ChipAnnotationsDocument | None,
    first: datetime,
    *,
    target: str | None = None,
    metric: str | None = None,
) -> list[AnnotationDocument]:
    """Return the annotations since a time, of a target and metric if they are named, and of the whole chip."""
    if found is None:
        return []
    return [
        one
        for one in found.items
        if (one.until or one.at) >= first
        and (target is None or not one.targets or target in one.targets)
        and (metric is None or not one.metrics or metric in one.metrics)
    ]


def make_annotation_data(
    view: View, chip_id: str, found: Iterable[AnnotationDocument], last: datetime, *, with_bands: bool = True
) -> dict[str, Any]:
    """Return the annotations as `show_figure` takes them.

    Parameters
    ----------
    last : datetime
        Time of the last value, at which the plot ends: later annotations are drawn there.
    with_bands : bool
        Whether notes on time ranges are bands, too; False on a plot of several targets.
    """
    return {
        "kinds": {str(kind): looks for kind, looks in KINDS.items()},
        "items": [_make_item(view, chip_id, one, last, with_band=with_bands) for one in found],
    }


def _make_item(
    view: View, chip_id: str, one: AnnotationDocument, last: datetime, *, with_band: bool
) -> dict[str, Any]:
    end = "" if one.until is None else f" to {one.until.astimezone(view.zone):%Y-%m-%d %H:%M}"
    detail = "; ".join(filter(None, (one.username and f"by {one.username}", one.reason)))
    text = one.text
    if one.record_kind in ("note", "target"):
        about = " ".join(filter(None, (", ".join(one.targets), ", ".join(one.metrics))))
        text = f"note{about and f' on {about}'}: {text}"
    return {
        "kind": str(one.kind),
        "at": format_plot_time(min(one.at, last), view.zone),
        "until": None
        if one.until is None or not with_band
        else format_plot_time(min(one.until, last), view.zone),
        "time": f"{one.at.astimezone(view.zone):%Y-%m-%d %H:%M}{end}",
        "text": use_unit_symbols(shorten(text, _LONGEST, placeholder=" …")),
        "detail": detail and f"({shorten(detail, _LONGEST, placeholder=' …')})",
        "href": make_annotation_url(view, chip_id, one),
    }


def make_annotation_url(view: View, chip_id: str, one: AnnotationDocument) -> str:
    """Return the address of the record of an annotation."""
    match one.record_kind:
        case "cooldown":
            return view.link("cooldown", cooldown=one.record_id)
        case "note":
            return view.link("notes", note=one.record_id)
        case "design":
            return view.link("chip", chip=chip_id, view="design")
        case "target":
            return make_target_url(view, chip_id, one.record_id, metric=one.metrics[0])
    return view.link("chip", chip=chip_id, view="changes", event=one.record_id)
