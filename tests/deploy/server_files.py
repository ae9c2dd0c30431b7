"""Files of a server in `deploy/`."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy"
SERVICES = sorted(path.name for path in FOLDER.glob("qdash-*.service"))


def read_file(name: str) -> str:
    """Return the text of a file of the folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def read_settings(name: str) -> dict[str, list[str]]:
    """Return the values of each setting of a unit, in order."""
    found: dict[str, list[str]] = {}
    for line in read_file(name).splitlines():
        if "=" in line and not line.startswith("#"):
            setting, _, value = line.partition("=")
            found.setdefault(setting, []).append(value)
    return found


def list_commands() -> list[list[str]]:
    """Return the arguments of `qdash` in each unit."""
    return [read_settings(name)["ExecStart"][0].split() for name in SERVICES]
