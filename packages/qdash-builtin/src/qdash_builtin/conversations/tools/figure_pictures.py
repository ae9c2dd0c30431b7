"""Tool that shows the figure of a result as a picture, for models that accept images. No operation gives pictures."""

from __future__ import annotations

import threading
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.tool_observer import MOST_PICTURES
from qdash_builtin.conversations.tools.figure_numbers import ResultArguments
from qdash_builtin.conversations.tools.tool import ReadingTool, cite
from qdash_builtin.figures.files import get_layout, render_picture
from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.results.feature import RESULTS
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import ToolPicture, ToolResult
from qdash_core.process.cancellation import checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

MOST_WIDTH, MOST_HEIGHT = 820, 520
"""Maximum size of a picture in pixels."""
MOST_BYTES = 500_000
"""Maximum size of a picture as a file; the figures of the standard tasks have 35,000 to 105,000 bytes."""
PATIENCE_S = 20.0
"""Time limit of drawing a picture, in seconds."""
_WAIT_S = 20.0
"""Time limit of the wait for pictures of other answers, in seconds."""
_POLL_S = 0.2
_LEAST_SIZE = 32
_MOST_AXES, _LONGEST_NAME, _LONGEST_TITLE = 20, 20, 200
_DRAWING = threading.Lock()
"""Held while a picture is drawn: each starts its own browser."""


def _read_figure(qdash: QDash, access: Access, given: ResultArguments) -> ToolResult:
    task_id = match_result_id(qdash.store, access, given.task_id)
    result = qdash.get(RESULTS).show(access, task_id)
    figure = qdash.get(RESULTS).figure(access, task_id)
    picture = _draw_picture(figure)
    document = {
        "cite": cite("result", task_id),
        "task": result.name,
        "target": result.qid,
        "title": _get_title(get_layout(figure)),
        "axes": dict(islice(_list_axes(figure), _MOST_AXES)),
        "picture": {"width": picture.width, "height": picture.height, "bytes": len(picture.content)},
    }
    return ToolResult(document, (picture,))


def _draw_picture(figure: Mapping[str, Any]) -> ToolPicture:
    until = time.monotonic() + _WAIT_S
    while not _DRAWING.acquire(timeout=_POLL_S):
        checkpoint()
        if time.monotonic() > until:
            raise AssistantError("pictures of other answers are being drawn: use `figure_numbers` instead")
    try:
        png = render_picture(figure, most_width=MOST_WIDTH, most_height=MOST_HEIGHT, patience_s=PATIENCE_S)
    finally:
        _DRAWING.release()
    if len(png) > MOST_BYTES:
        raise AssistantError(
            f"the picture has {len(png):,} bytes, and the limit is {MOST_BYTES:,}: use `figure_numbers` instead"
        )
    width, height = (int.from_bytes(png[place : place + 4], "big") for place in (16, 20))
    if min(width, height) < _LEAST_SIZE:
        raise AssistantError(
            f"the figure has no usable size, {width} × {height} pixels: read `figure_numbers` instead"
        )
    return ToolPicture(png, width, height)


def _list_axes(figure: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, axis in get_layout(figure).items():
        if name.startswith(("xaxis", "yaxis")) and isinstance(axis, dict) and (title := _get_title(axis)):
            yield name[:_LONGEST_NAME], title


def _get_title(part: Mapping[str, Any]) -> str:
    title = part.get("title")
    return str(title.get("text") or "" if isinstance(title, dict) else title or "")[:_LONGEST_TITLE]


FIGURE_PICTURE = ReadingTool(
    "figure_picture",
    f"Shows the figure of a result as a picture, at most {MOST_PICTURES} in an answer. For values and numbers read `show_result` and `figure_numbers`.",
    ResultArguments,
    _read_figure,
    draws=True,
)
"""Tool that shows figures."""
