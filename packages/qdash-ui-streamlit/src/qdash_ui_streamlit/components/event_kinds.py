"""Sets of kinds of events by the subject of a page: a new kind in a set reaches all pages of the subject."""

from __future__ import annotations

RUNS = ("execution.*", "lock.*", "tag.*")
"""Runs with their status, place in the queue, locks and tags."""
RESULTS = ("execution.*", "task.*", "value.*", "note.*", "tag.*")
"""Results with their verdicts, decisions and notes, and the counts of them in runs."""
CHIP = ("*",)
"""A chip: every event that names it or no chip, so that the records of any feature about it are drawn again."""
PROJECT = (*RUNS, "timetable.*", "cooldown.*", "release.*", "chip.*")
"""The chips, runs, timetables and releases of a project, without results and values."""
COOLDOWNS = ("cooldown.*", "note.*", "chip.*")
"""Cool-downs with their chips and notes."""
DECISIONS = ("value.*", "release.*")
"""Changes of values by users, and releases: what provenance gets besides results."""
NOTES = ("note.*", "chip.*")
"""Notes of a project."""
ISSUES = ("issue.*",)
TIMETABLES = ("timetable.*", "execution.*")
FILES = ("file.*",)
