"""Partial colouring, with moves that keep its classes free of conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_scheduling.instance import ColouringProblem


class ColourClasses:
    """Classes of targets without conflicts; some targets may not have a class yet.

    Each class holds a resource at most once, so the opponents of a target in a class are found in as many steps as it
    needs resources.
    """

    def __init__(self, instance: ColouringProblem, number: int) -> None:
        self.instance = instance
        self.members: list[dict[int, None]] = [{} for _ in range(number)]
        self._class_of: list[int | None] = [None] * len(instance.targets)
        self._holders: list[dict[int, int]] = [{} for _ in instance.resources]

    def __len__(self) -> int:
        return len(self.members)

    def get_class(self, target: int) -> int | None:
        """Return the class of a target."""
        return self._class_of[target]

    @property
    def unplaced(self) -> list[int]:
        """The targets without a class."""
        return [target for target, number in enumerate(self._class_of) if number is None]

    def add_class(self) -> int:
        """Open another class and return its number."""
        self.members.append({})
        return len(self.members) - 1

    def put(self, target: int, number: int) -> None:
        """Add a target without a class to a class in which it has no conflict."""
        self._class_of[target] = number
        self.members[number][target] = None
        for resource in self.instance.needs[target]:
            self._holders[resource][number] = target

    def take(self, target: int) -> None:
        """Remove a target from its class."""
        number = self._class_of[target]
        assert number is not None
        self._class_of[target] = None
        del self.members[number][target]
        for resource in self.instance.needs[target]:
            del self._holders[resource][number]

    def has_room(self, number: int) -> bool:
        """Return whether a class may take another target."""
        return len(self.members[number]) < self.instance.cap

    def occupies(self, number: int, resource: int) -> bool:
        """Return whether a target in a class needs a resource."""
        return number in self._holders[resource]

    def is_free(self, target: int, number: int) -> bool:
        """Return whether a class has no target in conflict with this one."""
        return all(number not in self._holders[resource] for resource in self.instance.needs[target])

    def find_conflicting(self, target: int, number: int) -> set[int]:
        """Return the targets of a class in conflict with a target."""
        found = (self._holders[resource].get(number) for resource in self.instance.needs[target])
        return {other for other in found if other is not None and other != target}

    def find_kempe_chain(self, starts: Iterable[int], one: int, other: int) -> set[int]:
        """Return the Kempe chain of two classes: all targets that must swap classes with `starts`."""
        waiting = list(starts)
        chain = set(waiting)
        while waiting:
            target = waiting.pop()
            opposite = other if self._class_of[target] == one else one
            new = self.find_conflicting(target, opposite) - chain
            chain |= new
            waiting.extend(new)
        return chain

    def swap_chain(self, chain: Iterable[int], one: int, other: int) -> None:
        """Swap the targets of a Kempe chain between two classes."""
        moves = [(target, other if self._class_of[target] == one else one) for target in sorted(chain)]
        for target, _ in moves:
            self.take(target)
        for target, number in moves:
            self.put(target, number)

    def drop(self, number: int) -> list[int]:
        """Remove a class and return its targets. The last class gets its number."""
        freed, last = list(self.members[number]), len(self.members) - 1
        for target in freed:
            self.take(target)
        for target in list(self.members[last]) if number != last else []:
            self.take(target)
            self.put(target, number)
        self.members.pop()
        return freed

    def list_groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the classes by the first target in each, and the targets in order of the plan."""
        names = self.instance.targets
        filled = sorted(sorted(members) for members in self.members if members)
        return tuple(tuple(names[target] for target in members) for members in filled)
