"""Contract of laboratories for one that only plays pulses, with any limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_tasks.laboratory.contract import LaboratoryContract
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.recipes import RECIPES

from .player import Player

if TYPE_CHECKING:
    from pathlib import Path

_COARSE = LineLimits(start_ns=8.0, shortest_ns=16.0, shortest_gap_ns=16.0, frequencies_ghz=((4.0, 6.0),))


class PlayerContract(LaboratoryContract):
    """Contract for a player, by default one that gives the covariance of every mean."""

    targets = ("0", "1-2")
    recipes = tuple(one for one in RECIPES if not one.couplings)
    limits: ClassVar[Limits] = Limits(covariances=True)

    def laboratory(self, tmp_path: Path) -> Player:
        return Player(self.limits, noise=1.0)


@pytest.mark.slow  # means with covariances are those of the bench of three levels among the quick tests
class TestPlayer(PlayerContract):
    """Player that gives the covariance of every mean."""


class TestPlayerOfShots(PlayerContract):
    """Player that gives every shot; pulses, gaps and readouts are coarse."""

    limits = Limits(
        keeps=frozenset({"each"}),
        usual_line=_COARSE,
        readout=ReadoutLimits(start_ns=4.0, frequencies_ghz=((6.0, 8.0),)),
        longest_program_ns=50_000.0,
    )


@pytest.mark.slow  # noise from blocks is among the quick tests of played requests
class TestPlayerOfMeans(PlayerContract):
    """Player that gives means only: noise comes from blocks, and few programs fit into a call."""

    limits = Limits(keeps=frozenset({"mean"}), programs_a_call=64, plane_turns=True)
