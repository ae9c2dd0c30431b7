"""Versions of the software of a run."""

from __future__ import annotations

import platform
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from importlib_metadata import PackageNotFoundError, distribution, requires

from qdash_core.features.discovery import read_owner
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
def _read_versions(distribution: str) -> dict[str, str]:
    """Return the versions of the numerical libraries and of the requirements of a distribution."""
    found = {name: _find_version(name) for name in (*_ANALYSIS, *_list_requirements(distribution))}
    return {name: release for name, release in found.items() if release is not None}


def _list_requirements(distribution: str) -> list[str]:
    """Return the requirements of a distribution without its extras; none if it is not installed."""
    try:
        required = requires(distribution) if distribution else None
    except PackageNotFoundError:
        return []
    plain = (one for one in required or () if "extra ==" not in one)
    return [found[0] for found in map(_NAME.match, plain) if found is not None]


def _find_version(name: str) -> str | None:
    try:
        return read_owner(distribution(name))[1] or None
    except PackageNotFoundError:
        return None
