"""Site of the documentation of QDash, if this installation has it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

NOT_INSTALLED = "this installation has no documentation. In a checkout of the source code, `uv run --group dev qdash docs` builds and opens it"


def find_site() -> Path | None:
    """Return the folder of the site, which begins with `index.html`, or None if it is not installed."""
    folder = find_distribution()
    site = folder / "documentation" if folder else None
    return site if site and (site / "index.html").is_file() else None


def find_distribution() -> Path | None:
    """Return the folder of the package of the distribution `qdash`, or None if only members of it are installed."""
    try:
        return Path(str(files("qdash")))
    except ModuleNotFoundError:
        return None
