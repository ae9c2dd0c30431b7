"""Fixtures of the core."""

from __future__ import annotations

from ..core.conftest import make_bench, no_settings

__all__ = ["make_bench", "no_settings"]
