"""Pictures in the texts of issues, with the results that they are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.text_pages.text_pictures import PictureAddress, list_pictures
from qdash_core.errors import NotFoundError
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a text. `result` is None if there is no such result with raw data."""

    address: PictureAddress
    result: TaskResultModel | None


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
