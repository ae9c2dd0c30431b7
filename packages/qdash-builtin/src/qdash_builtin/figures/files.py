"""Figures as files: JSON unchanged, pages and images through Plotly, which is imported only for these."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.process.cancellation import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDTH, _HEIGHT = 820, 520
_PATIENCE_S = 120.0
_POLL_S = 0.2
_LONGEST_EXCERPT = 300
_SUFFIXES = (".json", ".html", ".png", ".svg")
_BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""Commands of installed browsers that draw where kaleido, which contains one, is not installed."""
_URL_FIELDS = ("source", "geojson")
"""Fields of a figure that may have the URL of a file to load."""
_PNG = b"\x89PNG\r\n\x1a\n"
_LEAST_SIZE, _MOST_SIZE, _MOST_SIZE_OF_PICTURE = 10, 100_000, 10_000
"""Limits of the width and height of a figure, in pixels."""

# Kaleido keeps a Chromium for the life of its process. A process of its own can be ended at any time and hides the
# output of Chromium from the user. No sandbox is needed for any user, since the only page is our own. Texts of a figure
# can have styles with URLs, so all traffic goes to a proxy that does not exist: ports below 1024 belong to the system.
_NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:1") | {
    "no_proxy": "<-loopback>"
}
# The browser gets no other variables, which may hold keys and passwords.
_VARIABLES = re.compile(
    "PATH|PATHEXT|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|LANG|LC_.*|TZ|LD_LIBRARY_PATH|PYTHON.*|VIRTUAL_ENV"
)
_DRAW = """
import json, os, signal, sys, threading, time

def end_if_orphaned(parent, until):
    while os.getppid() == parent and time.monotonic() < until:
        time.sleep(0.5)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)

asked = json.load(sys.stdin)
until = time.monotonic() + asked["patience_s"]
threading.Thread(target=end_if_orphaned, args=(asked["parent"], until), daemon=True).start()
from plotly.graph_objects import Figure
try:
    drawn = Figure(asked["figure"])
except ValueError as error:
    sys.exit(next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason given"))
if asked["kind"] == "html":
    contents = drawn.to_html(include_plotlyjs=True, div_id="figure").encode()
elif asked["browser"] is None:
    contents = drawn.to_image(format=asked["kind"], engine="kaleido", **asked["size"])
else:
    import base64, re, subprocess, tempfile
    size = json.dumps({"format": asked["kind"], **asked["size"]})
    script = (
        f"Plotly.toImage(document.getElementById('figure'), {size}).then(url => {{document.body.textContent = url}})"
    )
    with tempfile.TemporaryDirectory() as folder:
        page = folder + "/figure.html"
        drawn.write_html(page, include_plotlyjs=True, div_id="figure", post_script=script)
        command = [
            asked["browser"], "--headless", "--no-sandbox", "--disable-gpu", "--proxy-server=http://127.0.0.1:1",
            "--proxy-bypass-list=<-loopback>", f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", "--dump-dom", "file://" + page,
        ]
        dumped = subprocess.run(command, capture_output=True, text=True).stdout
    found = re.search(r"<body>data:image/[a-z+]+(;base64)?,([^<]+)</body>", dumped)
    if found is None:
        sys.exit(f"{asked['browser']} returned no picture")
    from urllib.parse import unquote_to_bytes
    contents = base64.b64decode(found[2]) if found[1] else unquote_to_bytes(found[2])
sys.stdout.buffer.write(contents)
"""
"""Program that draws. It ends itself and Chromium when the process that started it has died, or after the time for the drawing."""


def get_figure_renderer(suffix: str) -> Callable[[Mapping[str, Any]], bytes]:
    """Return the function that renders a Plotly figure as the content of a file; it raises AnalysisError if it cannot be drawn.

    Parameters
    ----------
    suffix : str
        `.json`; `.html`, a page that needs nothing from elsewhere; `.png` or `.svg`.

    Raises
    ------
    InvalidInputError
        If the suffix is not supported, or nothing is installed that draws it.
    """
    kind = suffix.lower()
    if kind not in _SUFFIXES:
        raise InvalidInputError(f"{suffix or 'no suffix'}: a figure is written as {', '.join(_SUFFIXES)}")
    _require_packages(kind)
    return _encode_json if kind == ".json" else partial(_render_by_plotly, kind=kind.removeprefix("."))


def render_picture(
    figure: Mapping[str, Any], *, most_width: int, most_height: int, patience_s: float
) -> bytes:
    """Return a Plotly figure as a PNG file of at most a size in pixels; a larger figure is drawn smaller.

    Raises
    ------
    InvalidInputError
        If nothing is installed that draws it.
    AnalysisError
        If it cannot be drawn, or not within `patience_s` seconds.
    """
    _require_packages(".png")
    size = _get_size(figure, _MOST_SIZE_OF_PICTURE)
    scale = min(1.0, most_width / size["width"], most_height / size["height"])
    return _draw(figure, "png", {**size, "scale": scale}, patience_s)


def _require_packages(kind: str) -> None:
    if kind != ".json" and importlib.util.find_spec("plotly") is None:
        missing = "plotly"
    elif kind in {".png", ".svg"} and not _has_kaleido() and _find_browser() is None:
        missing = "kaleido or Chromium"
    else:
        return
    raise InvalidInputError(
        f"{missing} must be installed to draw {kind} files: install QDash with the extra images, "
        "as in 'qdash[images]'; .json needs nothing"
    )


def _has_kaleido() -> bool:
    return importlib.util.find_spec("kaleido") is not None


def _find_browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _encode_json(figure: Mapping[str, Any]) -> bytes:
    return json.dumps(figure).encode()


def _render_by_plotly(figure: Mapping[str, Any], *, kind: str) -> bytes:
    size = {} if kind == "html" else _get_size(figure, _MOST_SIZE)
    return _draw(figure, kind, size, _PATIENCE_S)


def get_layout(figure: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the layout of a figure, which is empty if it has none or something else in its place."""
    layout = figure.get("layout")
    return layout if isinstance(layout, Mapping) else {}


def _get_size(figure: Mapping[str, Any], most: int) -> dict[str, float]:
    """Return the width and height of a figure; raise AnalysisError if one is no number of pixels up to `most`."""
    layout = get_layout(figure)
    size = {"width": layout.get("width") or _WIDTH, "height": layout.get("height") or _HEIGHT}
    for name, number in size.items():
        if not isinstance(number, int | float) or not _LEAST_SIZE <= number <= most:
            raise AnalysisError(
                f"the figure cannot be drawn: its {name} is {number!r:.50}, not a number of {_LEAST_SIZE} to {most:,} pixels"
            )
    return size


def _draw(figure: Mapping[str, Any], kind: str, size: Mapping[str, float], patience_s: float) -> bytes:
    requested = _encode_request(figure, kind, size, patience_s)
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-W", "ignore", "-c", _DRAW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if _VARIABLES.fullmatch(name)} | _NO_NETWORK,
    )
    try:
        drawn, complaints = _communicate(process, requested, patience_s)
    finally:
        _end(process)
    if process.returncode or not drawn:
        lines = complaints.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise AnalysisError(f"the figure cannot be drawn: {lines[-1][:_LONGEST_EXCERPT]}")
    if kind == "png" and not drawn.startswith(_PNG):
        raise AnalysisError("the figure cannot be drawn: the browser returned no picture")
    return drawn


def _encode_request(
    figure: Mapping[str, Any], kind: str, size: Mapping[str, float], patience_s: float
) -> bytes:
    try:
        safe = _drop_urls(dict(figure), keeps_images=kind == "html")
        safe["layout"] = {"template": "none", **get_layout(safe)}
        browser = None if _has_kaleido() else _find_browser()
        asked = {
            "figure": safe,
            "kind": kind,
            "size": size,
            "browser": browser,
            "patience_s": patience_s,
            "parent": os.getpid(),
        }
        return json.dumps(asked).encode()
    except RecursionError as error:
        raise AnalysisError("the figure cannot be drawn: it is nested too deeply") from error


def _drop_urls(part: Any, *, keeps_images: bool) -> Any:
    """Return part of a figure without images and maps loaded by URL.

    Embedded images stay in a page only: the browser that draws would take gigabytes to unpack a small one.
    """
    if isinstance(part, dict):
        return {
            name: _drop_urls(one, keeps_images=keeps_images)
            for name, one in part.items()
            if not _has_url(name, one, keeps_images=keeps_images)
        }
    if isinstance(part, list | tuple):
        return [_drop_urls(one, keeps_images=keeps_images) for one in part]
    return part


def _has_url(name: str, value: object, *, keeps_images: bool) -> bool:
    values = value if isinstance(value, list | tuple) else [value]
    return name in _URL_FIELDS and any(
        isinstance(one, str) and not (keeps_images and one.startswith("data:image/")) for one in values
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
