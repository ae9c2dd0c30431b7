"""Figures as files: JSON unchanged, pages and images through Plotly, which is imported only for these."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.cancellation import checkpoint
from qdash_core.errors import AnalysisError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH, _HEIGHT = 820, 520
_PATIENCE_S = 120.0
_POLL_S = 0.2
_LONGEST_EXCERPT = 300
_NEEDS = {".json": (), ".html": ("plotly",), ".png": ("plotly", "kaleido"), ".svg": ("plotly", "kaleido")}
"""Required packages by file suffix."""
_URL_FIELDS = ("source", "geojson")
"""Fields of a figure that may have the URL of a file to load."""

# Kaleido keeps a Chromium for the life of its process. A process of its own can be ended at any time and hides the
# output of Chromium from the user. No sandbox is needed for any user, since the only page is our own. Texts of a figure
# can have styles with URLs, so all traffic goes to a proxy that does not exist: ports below 1024 belong to the system.
_NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:1") | {
    "no_proxy": "<-loopback>"
}
_DRAW = """
import json, sys
from plotly.graph_objects import Figure
asked = json.load(sys.stdin)
figure = asked["figure"]
drawn = Figure({**figure, "layout": {"template": "none", **figure.get("layout", {})}})
if asked["kind"] == "html":
    contents = drawn.to_html(include_plotlyjs=True, div_id="figure").encode()
else:
    contents = drawn.to_image(format=asked["kind"], engine="kaleido", **asked["size"])
sys.stdout.buffer.write(contents)
"""


def get_figure_renderer(suffix: str) -> Callable[[Mapping[str, Any]], bytes]:
    """Return the function that renders a Plotly figure as the content of a file; it raises AnalysisError if it cannot be drawn.

    Parameters
    ----------
    suffix : str
        `.json`; `.html`, a page that needs nothing from elsewhere; `.png` or `.svg`.

    Raises
    ------
    InvalidInputError
        If the suffix is not supported, or a required package is not installed.
    """
    kind = suffix.lower()
    if kind not in _NEEDS:
        raise InvalidInputError(f"{suffix or 'no suffix'}: a figure is written as {', '.join(_NEEDS)}")
    _require_packages(kind)
    return _encode_json if kind == ".json" else partial(_render_by_plotly, kind=kind.removeprefix("."))


def render_picture(
    figure: Mapping[str, Any], *, most_width: int, most_height: int, patience_s: float
) -> bytes:
    """Return a Plotly figure as a PNG file of at most a size in pixels; a larger figure is drawn smaller.

    Raises
    ------
    InvalidInputError
        If a required package is not installed.
    AnalysisError
        If it cannot be drawn, or not within `patience_s` seconds.
    """
    _require_packages(".png")
    size = _get_size(figure)
    scale = min(1.0, most_width / size["width"], most_height / size["height"])
    return _draw(figure, "png", {**size, "scale": scale}, patience_s)


def _require_packages(kind: str) -> None:
    missing = [name for name in _NEEDS[kind] if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidInputError(
            f"{' and '.join(missing)} must be installed to draw {kind} files: "
            "`pip install 'qdash-core[figures]'`; .json needs nothing"
        )


def _encode_json(figure: Mapping[str, Any]) -> bytes:
    return json.dumps(figure).encode()


def _render_by_plotly(figure: Mapping[str, Any], *, kind: str) -> bytes:
    return _draw(figure, kind, _get_size(figure), _PATIENCE_S)


def _get_size(figure: Mapping[str, Any]) -> dict[str, float]:
    layout = figure.get("layout", {})
    return {"width": layout.get("width") or _WIDTH, "height": layout.get("height") or _HEIGHT}


def _draw(figure: Mapping[str, Any], kind: str, size: Mapping[str, float], patience_s: float) -> bytes:
    requested = json.dumps({"figure": _drop_urls(figure), "kind": kind, "size": size}).encode()
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-W", "ignore", "-c", _DRAW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, **_NO_NETWORK},
    )
    try:
        drawn, complaints = _communicate(process, requested, patience_s)
    finally:
        _end(process)
    if process.returncode or not drawn:
        lines = complaints.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise AnalysisError(f"the figure cannot be drawn: {lines[-1][:_LONGEST_EXCERPT]}")
    return drawn


def _drop_urls(part: Any) -> Any:
    """Return part of a figure without images and maps loaded by URL; embedded images stay."""
    if isinstance(part, dict):
        return {name: _drop_urls(one) for name, one in part.items() if not _has_url(name, one)}
    return [_drop_urls(one) for one in part] if isinstance(part, list | tuple) else part


def _has_url(name: str, value: object) -> bool:
    values = value if isinstance(value, list | tuple) else [value]
    return name in _URL_FIELDS and any(
        isinstance(one, str) and not one.startswith("data:image/") for one in values
    )


def _communicate(
    process: subprocess.Popen[bytes], requested: bytes, patience_s: float
) -> tuple[bytes, bytes]:
    """Return the output of the drawing process; it ends early if its work is abandoned."""
    until = time.monotonic() + patience_s
    given: bytes | None = requested
    while (left := until - time.monotonic()) > 0:
        checkpoint()
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(given, timeout=min(left, _POLL_S))
        given = None  # it is being sent
    raise AnalysisError(f"drawing the figure took longer than {patience_s:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, and the Chromium that it may have left."""
    if hasattr(os, "killpg"):
        with suppress(OSError):  # nothing is left of it
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
