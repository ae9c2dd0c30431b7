from qdash_core.chips.chip import Chip as Chip
from qdash_core.chips.parts import ChipParts as ChipParts
from qdash_core.chips.topology import Topology as Topology
