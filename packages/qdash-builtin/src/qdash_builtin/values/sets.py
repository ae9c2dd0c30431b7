"""Sets of values that are only valid together: users decide on them as a whole, and values of several results break them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel


def require_whole_sets(
    names: Iterable[str], among: Collection[str], sets: Mapping[str, Sequence[str]], command: str
) -> None:
    """Raise InvalidInputError if names are a part of a set; the message names the set, the others, and the command for all.

    Parameters
    ----------
    among : collection of str
        Parameters that could have been named, such as those of a result.
    command : str
        Command that would act on the names, without `--metrics`.
    """
    named = [*dict.fromkeys(names)]
    for title, members in sets.items():
        chosen = [one for one in named if one in members]
        others = [one for one in members if one in among and one not in chosen]
        if chosen and others:
            whole = ",".join([*named, *others])
            raise InvalidInputError(
                f"{', '.join(chosen)} and {', '.join(others)} are the set {title}, which is only valid as a whole: name all of them, "
                f"`{command} --metrics {whole}`"
            )


def describe_broken_sets(
    before: Mapping[str, ParameterModel],
    after: Mapping[str, ParameterModel],
    sets: Mapping[str, Sequence[str]],
) -> list[str]:
    """Return each set that a change of values breaks, in words."""
    known, found = (
        find_broken_sets({name: one.task_id for name, one in values.items()}, sets)
        for values in (before, after)
    )
    return [
        f"the set {title} ({', '.join(members)}) has values of several results: calibrate it again, or undo the change"
        for title, members in found.items()
        if title not in known
    ]


def find_broken_sets(origins: Mapping[str, str], sets: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the sets whose values come from several results, each with its present parameters.

    A part of such a set was set, imported, accepted alone, or measured by another task. Absent values, and values of
    unknown origin, break nothing.

    Parameters
    ----------
    origins : mapping of str to str
        Result of each value of one target; empty if unknown.
    sets : mapping of str to sequence of str
        Parameters of each set, by its name.
    """
    broken = {}
    for name, members in sets.items():
        present = [one for one in members if one in origins]
        if len({origins[one] for one in present} - {""}) > 1:
            broken[name] = present
    return broken
