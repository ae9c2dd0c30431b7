"""Recorded values of counts, the comparison of a measured count with its value, and the file that holds all values."""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE = Path(__file__).with_name("values.yaml")
PYTHON = (3, 11)
"""Version of Python whose counts are recorded: the oldest that is supported."""
COMMAND = "uv run --group dev python -m tests.ratchets --lower"
_HEADER = f"""\
# Counts that may only fall. `{COMMAND}` records new counts and lowers values; it never raises one.
# To raise a value, add below its `recorded`: `allowed: NUMBER` and `reason: TEXT`. docs/contributor.md has more.
# `parts` is what was counted: a number for each name, or the names below a package, which count one each.
"""
_LISTED = 30
"""Number of names that a message lists."""


@dataclass(frozen=True)
class Measured:
    """Count of one kind.

    Parameters
    ----------
    name : str
        Name of the ratchet.
    unit : str
        What is counted, in the plural.
    parts : mapping of str to int
        Number for each counted name. Their sum is the value.
    tolerance : float
        Relative distance from the recorded value that is not a change, 0 for an exact count.
    by : str
        Measurement that counted it, as `measurements` names it.
    """

    name: str
    unit: str
    parts: Mapping[str, int]
    tolerance: float = 0.0
    by: str = ""

    @property
    def value(self) -> int:
        """Sum of the parts."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class Recorded(Measured):
    """Recorded count, and the larger value that is allowed for a reason.

    Parameters
    ----------
    allowed : int or None
        Value after a raise, or None if it was not raised.
    reason : str
        Reason for the raise.
    """

    allowed: int | None = None
    reason: str = ""

    @property
    def limit(self) -> int:
        """Largest value without the tolerance."""
        return self.value if self.allowed is None else self.allowed

    def find_fault(self, measured: Measured) -> str | None:
        """Return what is wrong with a measured count and what to do, or None if it is at the limit."""
        counted = (
            f"{self.name}: {measured.value:,} {self.unit}, {self.limit:,} allowed{self._describe_tolerance()}"
        )
        if measured.value > self.limit * (1 + self.tolerance):
            remedy = (
                f"Remove what is not needed. If all of it is needed, write `allowed: {measured.value}` and `reason: ...` "
                f"below the `recorded: {self.value}` of this name in {_relative()}."
            )
            return f"{counted}.\n{self._list_changes(measured)}\n{remedy}"
        if measured.value < self.limit * (1 - self.tolerance):
            return f"{counted}: the count has fallen. Record it: `{COMMAND}`.\n{self._list_changes(measured)}"
        if not self.tolerance and self.allowed is None and dict(measured.parts) != dict(self.parts):
            return f"{counted}, but not the recorded ones. If the new ones are needed, record them: `{COMMAND}`.\n{self._list_changes(measured)}"
        return None

    def lower(self, measured: Measured) -> Recorded:
        """Return this with the smaller of both values, or unchanged if they differ by less than the tolerance."""
        if measured.value > self.limit * (1 + self.tolerance) or (
            self.tolerance and not self.find_fault(measured)
        ):
            return self
        if measured.value <= self.value:
            return record(measured)
        return replace(self, allowed=None if self.allowed is None else min(self.allowed, measured.value))

    def _describe_tolerance(self) -> str:
        return f" ± {self.tolerance:.1%}" if self.tolerance else ""

    def _list_changes(self, measured: Measured) -> str:
        """List the parts that grew or are new, then those that shrank or are gone."""
        change = {
            name: measured.parts.get(name, 0) - self.parts.get(name, 0)
            for name in sorted({*self.parts, *measured.parts})
        }
        lines = []
        for title, sign in (("More than recorded", 1), ("Less than recorded", -1)):
            names = sorted(
                (name for name in change if change[name] * sign > 0), key=lambda n: -abs(change[n])
            )
            if names:
                texts = [self._describe_change(name, measured.parts.get(name, 0)) for name in names[:_LISTED]]
                rest = f", and {len(names) - _LISTED} others" if len(names) > _LISTED else ""
                lines.append(textwrap.fill(f"{title}: {', '.join(texts)}{rest}", 118, subsequent_indent="  "))
        return "\n".join(lines)

    def _describe_change(self, name: str, now: int) -> str:
        before = self.parts.get(name, 0)
        return name if {before, now} == {0, 1} else f"{name} ({before:,} → {now:,})"


def read_values(path: Path = FILE) -> dict[str, Recorded]:
    """Read the file of all recorded values; an absent file holds none.

    Raises
    ------
    ValueError
        If a value was raised without a reason, or edited by hand instead of raised.
    """
    documents: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    values = {name: _parse(name, document) for name, document in documents.items()}
    faults = [fault for name, one in values.items() if (fault := _find_edit(one, documents[name]))]
    if faults:
        raise ValueError("\n".join(faults))
    return values


def write_values(values: Iterable[Recorded], path: Path = FILE) -> None:
    """Write all recorded values, in the order of their names."""
    documents = {one.name: _make_document(one) for one in sorted(values, key=lambda one: one.name)}
    texts = [
        yaml.safe_dump({name: document}, sort_keys=False, allow_unicode=True, width=118)
        for name, document in documents.items()
    ]
    path.write_text("\n".join([_HEADER, *texts]), "utf-8")


def add_smallest(blocks: Sequence[Sequence[Counter[str]]]) -> Counter[str]:
    """Return the sum over a block of the smallest counts at each place of several blocks.

    What another thread does beside a task now and then is left out, what every second task does is not.
    """
    return sum((min(place, key=Counter.total) for place in zip(*blocks, strict=True)), Counter())


def record(one: Measured) -> Recorded:
    """Return a count as a recorded one."""
    return Recorded(one.name, one.unit, one.parts, one.tolerance, one.by)


def lower_values(values: Mapping[str, Recorded], counts: Iterable[Measured]) -> dict[str, Recorded]:
    """Return the values with each lowered to its count, and new ones recorded."""
    lowered = {one.name: values[one.name].lower(one) if one.name in values else record(one) for one in counts}
    return {**values, **lowered}


def _parse(name: str, document: Mapping[str, Any]) -> Recorded:
    parts: dict[str, int] = {}
    for part, found in document["parts"].items():
        if isinstance(found, int):
            parts[part] = found
        else:
            parts |= {f"{part}.{word}": 1 for word in found.split()}
    allowed, reason = document.get("allowed"), document.get("reason", "")
    tolerance = document.get("tolerance", 0.0)
    return Recorded(name, document["unit"], parts, tolerance, document["by"], allowed, reason)


def _find_edit(one: Recorded, document: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the entry of a value, or None."""
    if one.value != document["recorded"]:
        return (
            f"{one.name}: recorded is {document['recorded']}, but its parts add up to {one.value}: `recorded` and `parts` are "
            "written by the command only; to raise the value, add `allowed` and `reason`"
        )
    if one.allowed is not None and not one.reason.strip():
        return f"{one.name}: raised from {one.value} to {one.allowed} without a reason: add `reason`"
    if one.allowed is not None and one.allowed <= one.value:
        return f"{one.name}: `allowed: {one.allowed}` does not raise the recorded {one.value}: remove it, and its reason"
    return None


def _make_document(one: Recorded) -> dict[str, Any]:
    document: dict[str, Any] = {"unit": one.unit, "by": one.by, "recorded": one.value}
    if one.allowed is not None:
        document |= {"allowed": one.allowed, "reason": one.reason}
    if one.tolerance:
        document["tolerance"] = one.tolerance
    return {**document, "parts": _group(one.parts)}


def _group(parts: Mapping[str, int]) -> dict[str, int | str]:
    """Group names that count one each by their package."""
    numbers = {name: n for name, n in parts.items() if n != 1 or " " in name or "." not in name}
    packages: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(parts.keys() - numbers.keys()):
        package, _, last = name.rpartition(".")
        if package in numbers:
            numbers[name] = 1
        else:
            packages[package].append(last)
    return dict(
        sorted({**numbers, **{package: " ".join(names) for package, names in packages.items()}}.items())
    )


def _relative() -> str:
    return str(FILE.relative_to(FILE.parents[2]))
