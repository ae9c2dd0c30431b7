"""Hidden physics of a twin, and its response to measurements."""

from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth
from qdash_fake.physics.draw import draw_chip

__all__ = ["ChipTruth", "CouplingTruth", "QubitTruth", "draw_chip"]
