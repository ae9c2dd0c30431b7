"""Use of an old result: named, input of a named result, part of a series, or none."""

from enum import StrEnum


class ResultUse(StrEnum):
    """Use of an old result. It decides how much of the result stays."""

    NAMED = "named"
    """A value, release, note, issue, tag, decision, newest attempt or recent refit needs it: it stays with its raw data."""
    INPUT = "input"
    """A named result used its value: it stays without its raw data."""
    SERIES = "series"
    """It is a point of a series, or has been analysed anew: its values and its outcome stay."""
    NONE = "none"
    """Nothing needs it."""
