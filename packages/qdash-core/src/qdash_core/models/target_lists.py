"""Lists of targets as users read and write them: qubits, couplings, targets of both kinds, or multiplexers.

A list is a text whose entries are separated by commas or spaces, or several such texts. `0..3` is a range of qubits wherever qubits can be named; where no coupling can be
named, `0-3` is the same range, and elsewhere it is the coupling of qubits 0 and 3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import by_number, parse_coupling_id, parse_qubit_id, split_coupling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

T = TypeVar("T")

MOST_TARGETS = 10_000
"""Maximum number of targets that a list may contain."""
_MOST_NAMED = 3
"""Maximum number of unknown targets that a message names."""
_SEPARATOR = re.compile(r"\s*,\s*|\s+")
# Only ASCII digits, as in ids; nine of them keep the numbers small.
_RANGE = re.compile(r"([Qq]?[0-9]{1,9})(-|\.\.)([Qq]?[0-9]{1,9})")
_INTEGER = re.compile(r"[0-9]{1,9}")
_TARGETS = re.compile(r"[Qq]?[0-9].*", re.DOTALL)


def parse_qubits(text: str | Iterable[str]) -> tuple[str, ...]:
    """Return the qubits of a list such as `"0-3,Q07"`, each once, in the order given.

    Raises
    ------
    InvalidInputError
        If the list or an entry is empty, an entry is neither a qubit nor a range, or a range is reversed.
    """
    return _parse_each(text, "qubits, as in '0-3,7'", _parse_qubits)


def format_targets(targets: Iterable[str]) -> str:
    """Return qubits, then couplings, in order of number, with ranges of qubits: `0-8, 10-63`, or `0..8, 10, 0-1` if there are couplings."""
    ordered = sorted(targets, key=lambda one: ("-" in one, by_number(one)))
    dash = ".." if any("-" in one for one in ordered) else "-"
    runs: list[list[str]] = []
    for one in ordered:
        if runs and "-" not in one and int(one) == int(runs[-1][-1]) + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    parts = (dash.join((run[0], run[-1])) if len(run) > 2 else ", ".join(run) for run in runs)
    return ", ".join(parts)


def name_targets(targets: Sequence[str], most: int | None = None) -> str:
    """Return targets with their kind: `qubits 0, 1 and 2`, or `targets 0 and 0-1` for both kinds; empty without any.

    With `most`, at most so many are named.
    """
    if not targets:
        return ""
    couplings = sum("-" in one for one in targets)
    kind = "coupling" if couplings == len(targets) else "target" if couplings else "qubit"
    if len(targets) == 1:
        return f"{kind} {targets[0]}"
    if most is not None and len(targets) > most:
        return f"{kind}s {summarize_names(targets, most)}"
    return f"{kind}s {', '.join(targets[:-1])} and {targets[-1]}"


def name_measurement(task: str, target: str) -> str:
    """Return a task and the target on which it ran, if it ran on one: `CheckRabi on qubit 0`."""
    return f"{task} on {name_targets([target])}" if target else task


def parse_couplings(text: str | Iterable[str]) -> tuple[str, ...]:
    """Return the couplings of a list such as `"0-1,3-2"`, each once, in the order given.

    Raises
    ------
    InvalidInputError
        If the list or an entry is empty, or an entry is not a coupling.
    """
    return _parse_each(text, "couplings, as in '0-1,1-3'", _parse_coupling)


def parse_targets(text: str | Iterable[str]) -> tuple[str, ...]:
    """Return the targets of a list of qubits and couplings such as `"0..3,7,0-1"`, each once, in the order given.

    Raises
    ------
    InvalidInputError
        If the list or an entry is empty, an entry is no qubit, range or coupling, or a range is reversed.
    """
    return _parse_each(text, "qubits and couplings, as in '0..3,7,0-1'", _parse_targets)


def parse_multiplexers(text: str | Iterable[str]) -> tuple[int, ...]:
    """Return the multiplexers of a list such as `"0-3,7"`, each once, in the order given.

    Raises
    ------
    InvalidInputError
        If the list or an entry is empty, an entry is neither a number nor a range, or a range is reversed.
    """
    return _parse_each(text, "multiplexers, as in '0-3,7'", _parse_multiplexers)


def names_targets(text: str) -> bool:
    """Return whether an entry among other names can only be a target: it begins with a number or a label."""
    return _TARGETS.fullmatch(text) is not None


def require_known_targets(
    targets: Iterable[str],
    chip_id: str,
    *,
    qubits: Collection[str],
    couplings: Collection[str],
    both_kinds: bool = False,
) -> None:
    """Raise NotFoundError if a target is not on a chip; the message has the targets that it could have been.

    `targets` are the ids of qubits and couplings. `both_kinds` tells whether both kinds could be named, so that a
    coupling may have been meant as a range of qubits.
    """
    unknown = [one for one in targets if one not in (couplings if "-" in one else qubits)]
    unknown_qubits = [one for one in unknown if "-" not in one]
    if unknown_qubits:
        known = sorted(qubits, key=by_number)
        size = f"; it has {len(known)}, {known[0]} to {known[-1]}" if len(known) > 1 else ""
        plural = "s" if len(unknown_qubits) > 1 else ""
        raise NotFoundError(
            f"chip {chip_id} has no qubit{plural} {summarize_names(unknown_qubits, _MOST_NAMED)}{size}"
        )
    if unknown:
        raise NotFoundError(
            f"chip {chip_id} has no coupling{'s' if len(unknown) > 1 else ''} {summarize_names(unknown, _MOST_NAMED)}"
            f"{_describe_neighbours(unknown[0], couplings)}{'; a range of qubits is written as 0..3' if both_kinds else ''}"
        )


def _describe_neighbours(coupling: str, couplings: Collection[str]) -> str:
    """Return the couplings of the first qubit of an unknown coupling, as the end of a message."""
    first, _ = split_coupling(coupling)
    there = sorted((one for one in couplings if first in split_coupling(one)), key=by_number)
    return f"; those of qubit {first} are {', '.join(there)}" if there else f"; qubit {first} has none"


def _parse_qubits(entry: str) -> Iterable[str]:
    found = _RANGE.fullmatch(entry)
    return [parse_qubit_id(entry)] if found is None else _list_qubits(found)


def _parse_targets(entry: str) -> Iterable[str]:
    found = _RANGE.fullmatch(entry)
    if found is not None and found[2] == "..":
        return _list_qubits(found)
    return [parse_coupling_id(entry) if "-" in entry else parse_qubit_id(entry)]


def _parse_coupling(entry: str) -> Iterable[str]:
    if ".." in entry:
        raise InvalidInputError(f"{entry!r} is a range of qubits: write each coupling, as in '0-1,1-3'")
    return [parse_coupling_id(entry)]


def _parse_multiplexers(entry: str) -> Iterable[int]:
    first, dash, last = entry.replace("..", "-").partition("-")
    if not _INTEGER.fullmatch(first) or (dash and not _INTEGER.fullmatch(last)):
        raise InvalidInputError(f"{entry!r} is neither a multiplexer nor a range such as '0-3'")
    return _make_range(entry, int(first), int(last or first))


def _list_qubits(found: re.Match[str]) -> Iterable[str]:
    first, last = (int(parse_qubit_id(end)) for end in found.group(1, 3))
    return map(str, _make_range(found[0], first, last))


def _make_range(entry: str, first: int, last: int) -> range:
    if last < first:
        raise InvalidInputError(
            f"the range {entry!r} is reversed: write {last}{'..' if '..' in entry else '-'}{first}"
        )
    if last - first >= MOST_TARGETS:
        raise InvalidInputError(f"the range {entry!r} has more than {MOST_TARGETS} entries")
    return range(first, last + 1)


def _parse_each(
    given: str | Iterable[str], expected: str, parse: Callable[[str], Iterable[T]]
) -> tuple[T, ...]:
    found: dict[T, None] = {}
    n_entries = 0
    for text in (given,) if isinstance(given, str) else given:
        for entry in _SEPARATOR.split(text.strip()):
            if not entry:
                raise InvalidInputError(f"{text!r} has an empty entry: write {expected}")
            entries = tuple(parse(entry))
            # Repetitions count, so that a short text cannot stand for much work.
            n_entries += len(entries)
            if n_entries > MOST_TARGETS:
                raise InvalidInputError(f"the list has more than {MOST_TARGETS} entries")
            found.update(dict.fromkeys(entries))
    return tuple(found)
