"""Pictures from results in the texts of issues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.issue import Drawing
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories

MOST_PICTURES = 20
"""Maximum number of pictures in a text."""

_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\(\s{0,8}<?([^\s()<>]{0,500})>?(?:\s[^)]{0,500})?\)")
"""Image in Markdown. Bounded, so that no text takes long; what it does not find is in no list of pictures, and so not drawn."""
_PICTURE = re.compile(r"result:([^/]+)(?:/(.*))?")


@dataclass(frozen=True, slots=True)
class PictureAddress:
    """Address of a picture from a result, as texts write it: `result:TASK_ID`, or with `/figure` or `/thumbnail`.

    Parameters
    ----------
    text : str
        The address.
    task_id : str
        The result.
    drawing : str
        `figure` or `thumbnail`, as in the routes of results.
    """

    text: str
    task_id: str
    drawing: Drawing = "figure"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a text. `result` is None if there is no such result with raw data."""

    address: PictureAddress
    result: TaskResultModel | None


def list_pictures(text: str) -> list[PictureAddress]:
    """Return the pictures of a text, each once; InvalidInputError if one is not from a result."""
    return [_parse_picture(address) for address in dict.fromkeys(_IMAGE.findall(text))]


def _parse_picture(address: str) -> PictureAddress:
    found = _PICTURE.fullmatch(address)
    if found is None or (found[2] or "figure") not in get_args(Drawing):
        raise InvalidInputError(
            f"the picture {address!r} is not from a result: write ![text](result:TASK_ID), or result:TASK_ID/thumbnail"
        )
    return PictureAddress(address, found[1], cast("Drawing", found[2] or "figure"))


def find_pictures(repositories: Repositories, project_id: str, texts: Iterable[str]) -> list[Picture]:
    """Return the pictures of texts, each once."""
    addresses = dict.fromkeys(address for text in texts for address in list_pictures(text))
    return [Picture(one, _find_drawable(repositories, project_id, one.task_id)) for one in addresses]


def require_pictures(repositories: Repositories, project_id: str, text: str) -> None:
    """Raise NotFoundError if a picture of a text does not exist."""
    for picture in find_pictures(repositories, project_id, [text]):
        if picture.result is None:
            address = picture.address
            raise NotFoundError(
                f"the picture {address.text} does not exist: there is no result {address.task_id!r} with raw data in project {project_id}"
            )


def _find_drawable(repositories: Repositories, project_id: str, task_id: str) -> TaskResultModel | None:
    """Return a result with raw data, or None."""
    result = repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    return result if result is not None and result.raw_data_path else None
