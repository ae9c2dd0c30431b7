"""View models of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from qdash_builtin.tags.tag_use import TagUse
from qdash_core.documents.base import Column, Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.tags.service import TagReplacement, UsedTag


class TagDocument(Document):
    """A tag of a project."""

    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("tag", "name"),
        Column("first used by", "username"),
        Column("since", "created_at"),
    )

    name: str
    username: str
    """The user who used it first."""
    created_at: UtcDatetime


class UsedTagDocument(TagDocument):
    """A tag of a project with the numbers of the objects that have it."""

    text_columns = (
        Column("tag", "name"),
        Column("executions", "n_executions"),
        Column("results", "n_results"),
        Column("flows", "n_flows"),
        Column("timetables", "n_timetables"),
    )

    n_executions: int
    n_results: int
    n_flows: int
    """Number of saved flows whose runs get the tag."""
    n_timetables: int
    """Number of timetables whose runs get the tag."""

    @classmethod
    def from_used_tag(cls, used: UsedTag) -> Self:
        """Return the view model of a tag."""
        return cls.from_record(used.tag, **dict(used.use))


class TagReplacementDocument(Document):
    """A replacement or removal of tags, with the numbers of the changed objects."""

    names: list[str]
    to: str | None = None
    """Absent if the tags were removed."""
    n_executions: int
    n_results: int
    n_flows: int
    n_timetables: int

    @classmethod
    def from_replacement(cls, done: TagReplacement) -> Self:
        """Return the view model of a replacement."""
        return cls(names=[*done.names], to=done.to, **dict(done.use))

    @property
    def use(self) -> TagUse:
        """Numbers of the changed objects."""
        return TagUse.model_validate(self, from_attributes=True)
