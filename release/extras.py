"""Trial of each extra of a release, in an environment of its own."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from release.environments import Environment
from release.folder import CONSTRAINTS
from release.members import list_extras, read_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def try_extras(release: Path, pythons: Sequence[str] = ()) -> Iterator[str]:
    """Install each extra from the folder of a release, run `qdash demo` and `qdash doctor` with it, and yield the lines of a table in Markdown.

    Parameters
    ----------
    release
        Folder of the release.
    pythons
        Versions of Python, each with its numbers in a cell; by default that of uv.

    Raises
    ------
    RuntimeError
        If an installation or a command fails.
    """
    yield "| extra | packages | MB | installed in s | `qdash demo` in s |"
    yield "|---|---|---|---|---|"
    for extra in ["", *list_extras()]:
        trials = [_try_extra(release.absolute(), extra, python) for python in pythons or (None,)]
        cells = (" / ".join(column) for column in zip(*trials, strict=True))
        yield f"| {extra or 'none'} | {' | '.join(cells)} |"


def _try_extra(release: Path, extra: str, python: str | None) -> tuple[str, str, str, str]:
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
    return str(packages), f"{size_mb:.0f}", f"{took_s:.1f}", f"{demo_s:.1f}"
