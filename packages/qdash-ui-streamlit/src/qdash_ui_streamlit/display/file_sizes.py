"""Sizes of files as text."""

from __future__ import annotations

_STEP = 1000
_UNITS = ("kB", "MB", "GB")


def format_size(size: int) -> str:
    """Return a size with three digits: `812 B`, `1.29 kB`, `56.3 MB`."""
    if size < _STEP:
        return f"{size}\N{NO-BREAK SPACE}B"
    value = float(size)
    for unit in _UNITS:
        value /= _STEP
        if value < 999.5 or unit == _UNITS[-1]:
            return (
                f"{value:.3g}\N{NO-BREAK SPACE}{unit}"
                if value < 999.5
                else f"{value:.0f}\N{NO-BREAK SPACE}{unit}"
            )
    raise AssertionError(size)  # the last unit has no limit
