"""Fixture of runs: a bench with the processes for its runs."""

from __future__ import annotations

from ...core.runs.conftest import make_crew

__all__ = ["make_crew"]
