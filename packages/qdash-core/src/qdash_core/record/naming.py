"""How people name what is on record: by its id, by any beginning of it that no other has, the newest run as `last`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

CANDIDATES = 5
"""So many ids are named where a name fits several, or none."""
LAST = "last"
"""Names the newest execution of a project."""


def the_one(text: str, found: Sequence[str], *, what: str) -> str:
    """Return the id that is meant by a text.

    Parameters
    ----------
    text : str
        An id, or the beginning of one.
    found : sequence of str
        Ids that begin so, at least one; more than `CANDIDATES` where there are more.
    what : str
        What they are ids of, in the plural.

    Raises
    ------
    InvalidInputError
        If several begin so and none is just so; it names some.
    """
    if text in found or len(found) == 1:
        return text if text in found else found[0]
    more = " and more" if len(found) > CANDIDATES else ""
    raise InvalidInputError(f"{text!r} begins several {what}: {', '.join(found[:CANDIDATES])}{more}")


def unknown(text: str, project_id: str, *, what: str, there_are: Sequence[str]) -> NotFoundError:
    """Return the error for a text that begins no id; it names the newest ones."""
    newest = f"; the newest are {', '.join(there_are)}" if there_are else "; nothing has been run there yet"
    return NotFoundError(f"there is no {what} {text!r} in project {project_id}{newest}")
