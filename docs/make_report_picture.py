"""Takes the picture of a report: `uv run --group dev python -m docs.make_report_picture`, with the Chromium of the tests.

It shows the fits of a run in the layout of the chip: a drifting twin of 16 qubits, with a drive line that has died since the previous run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.dashboard import OPTIONS
from benchmarks.servers import CHROMIUM
from docs.make_screenshots import pack_picture, run_qdash

PICTURE = Path(__file__).with_name("images") / "report.webp"
_CHIP = "guadalupe"
_FAULTS = ("--drift", "--fault", "dead-line=9@12")
_DRAWN_MS = 1000


def main() -> None:
    """Make the report, and take its picture."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        home = Path(name)
        run_qdash(home, "twin", "create", _CHIP, "--device", _CHIP, "--seed", "0", *_FAULTS)
        run_qdash(home, "calibrate", _CHIP, "--flow", "bring-up")
        run_qdash(home, "twin", "wait", _CHIP, "--hours", "14")
        run_qdash(home, "calibrate", _CHIP, "--flow", "check")
        run_qdash(home, "report", "last", "-o", str(home / "report.html"))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.goto((home / "report.html").as_uri())
        page.evaluate("document.querySelector('#figures').scrollIntoView()")
        page.wait_for_timeout(_DRAWN_MS)
        PICTURE.write_bytes(pack_picture(page.screenshot()))
        browser.close()


if __name__ == "__main__":
    main()
