"""Trial of each extra of a release, in an environment of its own."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from release.environments import Environment
from release.folder import CONSTRAINTS
from release.members import ROOT, read_version


def list_extras() -> list[str]:
    """Return the names of the extras of `qdash`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["optional-dependencies"])


def try_extras(release: Path, python: str | None = None) -> str:
    """Install each extra from the folder of a release, run `qdash doctor` and `qdash demo` with it, and return a table in Markdown.

    Raises
    ------
    RuntimeError
        If an installation or a command fails.
    """
    rows = ["| extra | packages | MB | installed in s | `qdash demo` in s |", "|---|---|---|---|---|"]
    rows += [_try_extra(release.absolute(), extra, python) for extra in ["", *list_extras()]]
    return "\n".join(rows)


def _try_extra(release: Path, extra: str, python: str | None) -> str:
    with TemporaryDirectory() as folder:
        environment = Environment.create(Path(folder, "environment"), python)
        wanted = f"qdash[{extra}]" if extra else "qdash"
        took_s = environment.install(
            str(release), f"{wanted}=={read_version()}", constraints=str(release / CONSTRAINTS)
        )
        packages, size_mb = len(environment.list_packages()), environment.measure_size() / 1e6
        began = time.monotonic()
        environment.run("qdash", "demo")
        demo_s = time.monotonic() - began
        environment.run("qdash", "doctor")
    return f"| {extra or 'none'} | {packages} | {size_mb:.0f} | {took_s:.1f} | {demo_s:.1f} |"
