"""Kinds of annotations of a chip."""

from enum import StrEnum


class AnnotationKind(StrEnum):
    """Kind of an annotation, in the order of a legend."""

    COOLDOWN = "cooldown"
    """Start of a cool-down."""
    WARM_UP = "warm-up"
    """End of a cool-down."""
    NOTE = "note"
    DECISION = "decision"
    """A user accepted, rejected, chose or trusted values."""
    VALUE = "value"
    """A user entered, imported or adopted values."""
    REVERSION = "reversion"
    """A user restored earlier values, or undid a change."""
    SETTING = "setting"
    """A setting of a line or box changed."""
    DESIGN = "design"
    """A user changed design values."""
