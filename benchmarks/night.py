"""A night with a dying drive line, on a twin of 64 qubits: `python -m benchmarks.night --home HOME`.

The twin is brought up, drifts for 14 hours and is checked. After 12 hours the line of qubit 9 dies and the T1 of two qubits falls, which
flags their results; a user has excluded one qubit and marked another one as dead. With `--pictures FOLDER`, the overview and the map are
captured in the light and the dark theme, wide and narrow.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.dashboard import CHROMIUM, OPTIONS, dashboard
from benchmarks.servers import host, program, store_url
from qdash_builtin.people.feature import TOKENS
from qdash_core import open_qdash
from qdash_core.models.token import TokenScope
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHIP = "night"
_DRAWN_MS = 1500
"""Time after the load of a page during which figures still move, in milliseconds."""
ADDRESSES = {
    "overview": "/",
    "map": f"/chip?chip={CHIP}&metric=t1&target=9",
    "map-readout": f"/chip?chip={CHIP}&metric=average_readout_fidelity",
}


def main() -> None:
    """Prepare the night, and take its pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--qubits", type=int, default=64)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    if not (given.home / "qdash.db").exists():
        for command in list_commands(given.qubits):
            _run(given.home, *command)
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
        _take_pictures(given.home, given.pictures)


def list_commands(qubits: int = 64) -> list[tuple[str, ...]]:
    """Return the commands that make the chip and the night in a new home; `qubits` is 16, 64 or 144."""
    faults = ("dead-line=9@12", "t1-fall=5:6@12", "t1-fall=10:6@12")
    options = [part for fault in faults for part in ("--fault", fault)]
    device = f"square-lattice-mux-{qubits}"
    return [
        ("twin", "create", CHIP, "--device", device, "--seed", "5", "--drift", *options),
        ("calibrate", CHIP, "--flow", "bring-up", "--tag", "evening"),
        ("twin", "wait", CHIP, "--hours", "14"),
        ("calibrate", CHIP, "--flow", "check", "--tag", "morning"),
        ("chip", "exclude", CHIP, "12", "--note", "drifts with the pump"),
        ("chip", "exclude", CHIP, "3", "--dead", "--note", "broken bond of the drive line"),
    ]


def _run(home: Path, *command: str) -> None:
    """Run `qdash`."""
    environment = {**os.environ, "QDASH_HOME": str(home)}
    subprocess.run(
        [program("qdash"), *command],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _take_pictures(home: Path, folder: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(store_url("SQLite", home))
        with open_qdash(load_settings(home=home, store_url=url)) as qdash:
            number = len(qdash.get(TOKENS).list_by_user("admin", by="admin"))
            token, _ = qdash.get(TOKENS).create("admin", f"pictures-{number}", scope=TokenScope.ADMIN)
        _, at_host = stack.enter_context(host(home, url))
        _, at_ui = stack.enter_context(dashboard(home, at_host))
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=CHROMIUM, args=OPTIONS))
        for width in (1440, 900):
            _take(browser, at_ui, token, folder, width, dark=False)
            _take(browser, at_ui, token, folder, width, dark=True)


def _take(browser: Browser, at_ui: str, token: str, folder: Path, width: int, *, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    context = browser.new_context(
        color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}
    )
    context.add_cookies([{"name": "qdash_session", "value": token, "url": at_ui}])
    page = context.new_page()
    for name, address in ADDRESSES.items():
        page.goto(at_ui + address)
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.locator("h1").first.wait_for()
        page.wait_for_timeout(_DRAWN_MS)
        page.screenshot(path=folder / f"{name}-{scheme}-{width}.png")
    context.close()


if __name__ == "__main__":
    main()
