"""Figures as files: JSON unchanged, pages and images through Plotly, which is imported only for these."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH, _HEIGHT = 820, 520
_PATIENCE_S = 120.0
_LONGEST_EXCERPT = 300
_NEEDS = {".json": (), ".html": ("plotly",), ".png": ("plotly", "kaleido"), ".svg": ("plotly", "kaleido")}
"""Required packages by file suffix."""

# Kaleido keeps a Chromium for the life of its process. A process of its own can be ended at any time and hides the
# output of Chromium from the user. No sandbox is needed for any user, since the only page is our own.
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


def render_figure(figure: Mapping[str, Any], suffix: str) -> bytes:
    """Return a Plotly figure as the content of a file.

    Parameters
    ----------
    figure : mapping
        Plotly JSON: `data` and `layout`.
    suffix : str
        `.json`; `.html`, a page that needs nothing from elsewhere; `.png` or `.svg`.

    Raises
    ------
    InvalidInputError
        If the suffix is not supported, or a required package is not installed.
    AnalysisError
        If it cannot be drawn.
    """
    return get_figure_renderer(suffix)(figure)


def get_figure_renderer(suffix: str) -> Callable[[Mapping[str, Any]], bytes]:
    """Return the function that renders figures as files with a suffix. The errors are those of `render_figure`,
    except for errors of a figure.
    """
    kind = suffix.lower()
    if kind not in _NEEDS:
        raise InvalidInputError(f"{suffix or 'no suffix'}: a figure is written as {', '.join(_NEEDS)}")
    missing = [name for name in _NEEDS[kind] if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidInputError(
            f"{' and '.join(missing)} must be installed to draw {kind} files: "
            "`pip install 'qdash-core[figures]'`; .json needs nothing"
        )
    return _encode_json if kind == ".json" else partial(_render_by_plotly, kind=kind.removeprefix("."))


def _encode_json(figure: Mapping[str, Any]) -> bytes:
    return json.dumps(figure).encode()


def _render_by_plotly(figure: Mapping[str, Any], *, kind: str) -> bytes:
    layout = figure.get("layout", {})
    size = {"width": layout.get("width", _WIDTH), "height": layout.get("height", _HEIGHT)}
    requested = json.dumps({"figure": figure, "kind": kind, "size": size}).encode()
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-W", "ignore", "-c", _DRAW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        drawn, complaints = process.communicate(requested, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise AnalysisError(f"drawing the figure took longer than {_PATIENCE_S:.0f} s") from None
    finally:
        _end(process)
    if process.returncode or not drawn:
        lines = complaints.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise AnalysisError(f"the figure cannot be drawn: {lines[-1][:_LONGEST_EXCERPT]}")
    return drawn


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, and the Chromium that it may have left."""
    if hasattr(os, "killpg"):
        with suppress(OSError):  # nothing is left of it
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
