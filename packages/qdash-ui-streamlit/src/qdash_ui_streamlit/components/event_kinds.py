"""Kinds of events after which pages are drawn again: all, so that the records of every feature are up to date."""

from __future__ import annotations

ALL = ("*",)
ALL_BUT_TASKS = ("*", "!task.*")
"""For pages without results: a run ends several tasks in a second."""
