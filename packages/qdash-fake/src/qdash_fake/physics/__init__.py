"""What a twin really is (hidden from whoever measures it) and how it answers."""

from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth
from qdash_fake.physics.draw import draw_chip

__all__ = ["ChipTruth", "CouplingTruth", "QubitTruth", "draw_chip"]
