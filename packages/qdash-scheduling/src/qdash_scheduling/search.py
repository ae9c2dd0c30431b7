"""Tabu search for a colouring with fewer classes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_scheduling.classes import ColourClasses

_LOOKS_A_MOVE = 600
"""Pairs of a target and a class that are weighed for one move."""
_SEED = 1979


class SearchBudget:
    """Remaining work of a search in examined pairs of target and class, independent of the machine."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def spend(self, looks: int) -> bool:
        """Use an amount of the budget; return False if nothing is left."""
        self.looks -= looks
        return self.looks > 0


def place_all(classes: ColourClasses, budget: SearchBudget) -> bool:
    """Place all targets without a class in the existing classes; return False if the budget is spent.

    A move puts a target into the class with the fewest opponents and removes these; they may not return immediately. Partial
    colourings with a tabu list: Bloechliger and Zufferey, Comput. Oper. Res. 35, 960 (2008).
    """
    return _Tabu(classes, budget).run()


class _Tabu:
    """State of one search: unplaced targets and barred moves."""

    def __init__(self, classes: ColourClasses, budget: SearchBudget) -> None:
        self._classes = classes
        self._budget = budget
        self._left = classes.unplaced
        self._fewest = len(self._left)
        self._barred: dict[tuple[int, int], int] = {}
        self._now = 0
        self._random = random.Random(_SEED)  # noqa: S311  not for secrets

    def run(self) -> bool:
        while self._left:
            self._now += 1
            sample = self._sample()
            if not self._budget.spend(len(sample) * len(self._classes)):
                return False
            move = self._choose_move(sample)
            if move is not None:
                self._make(*move)
        return True

    def _sample(self) -> list[int]:
        many = max(1, _LOOKS_A_MOVE // max(len(self._classes), 1))
        return self._left if len(self._left) <= many else self._random.sample(self._left, many)

    def _choose_move(self, sample: list[int]) -> tuple[int, int] | None:
        found: list[tuple[int, int]] = []
        least: int | None = None
        for target, number, cost in self._iter_moves(sample):
            if least is None or cost < least:
                found, least = [(target, number)], cost
            elif cost == least:
                found.append((target, number))
        return self._random.choice(found) if found else None

    def _iter_moves(self, sample: list[int]) -> Iterator[tuple[int, int, int]]:
        classes, left = self._classes, len(self._left)
        for target in sample:
            for number in range(len(classes)):
                cost = len(classes.find_conflicting(target, number))
                if cost == 0 and not classes.has_room(number):
                    cost = 1
                barred = self._barred.get((target, number), 0) > self._now
                if not barred or left - 1 + cost < self._fewest:
                    yield target, number, cost

    def _make(self, target: int, number: int) -> None:
        classes = self._classes
        pushed = sorted(classes.find_conflicting(target, number))
        if not pushed and not classes.has_room(number):
            pushed = [self._random.choice(list(classes.members[number]))]
        for other in pushed:
            classes.take(other)
        classes.put(target, number)
        self._left = [other for other in self._left if other != target] + pushed
        self._fewest = min(self._fewest, len(self._left))
        for other in pushed:
            tenure = self._random.randrange(10) + int(0.6 * len(self._left))
            self._barred[other, number] = self._now + 1 + tenure
