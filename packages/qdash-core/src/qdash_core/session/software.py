"""Versions of the software of a run."""

from __future__ import annotations

import platform
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from qdash_core.features.discovery import find_metadata, find_version
from qdash_core.process.build import read_build

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry

_ANALYSIS = ("qdash-analysis", "numpy", "scipy")
"""Distributions without plugins that affect results."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def read_software(registry: Registry, backend: str) -> dict[str, str]:
    """Return the versions of Python, of QDash with its revision, and of the distributions that affect results.

    They are those of the plugins in use, the numerical libraries, and the requirements of the backend's distribution.
    """
    plugins = {
        one.distribution: one.version for one in registry.plugins if one.status == "ok" and one.distribution
    }
    others = _read_versions(registry.get_backend_distribution(backend))
    return {
        "Python": platform.python_version(),
        "QDash": str(read_build()),
        **dict(sorted({**others, **plugins}.items())),
    }


@lru_cache(maxsize=8)
def _read_versions(backend: str) -> dict[str, str]:
    """Return the versions of the numerical libraries and of the requirements of a backend's distribution."""
    found = {name: find_version(name) for name in (*_ANALYSIS, *_list_requirements(backend))}
    return {name: release for name, release in found.items() if release is not None}


def _list_requirements(name: str) -> list[str]:
    """Return the requirements of a distribution without its extras; none if it is not installed."""
    plain = (
        text for field, text in find_metadata(name) if field == "requires-dist" and "extra ==" not in text
    )
    return [found[0] for found in map(_NAME.match, plain) if found is not None]
