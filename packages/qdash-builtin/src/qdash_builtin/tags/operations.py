"""Operations of the tags of a project."""

from __future__ import annotations

from qdash_builtin.request_parts.path_parts import Name
from qdash_builtin.tags.feature import TAGS
from qdash_builtin.tags.requests import TagReplacementRequest, TagRequest
from qdash_builtin.tags.views import TagDocument, TagReplacementDocument, UsedTagDocument
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("tags", place=320)


_NO_TAGS = "no tags yet"
_FIRST = "add one with `qdash tag add NAME` or `qdash calibrate CHIP --tag NAME`"


@operations.get(
    "/tags",
    needs=RequiredRole.VIEWER,
    command=Command("tag list", empty=_NO_TAGS, first=_FIRST),
)
def list_tags(call: Call) -> PageOf[TagDocument]:
    """List the tags of the project, by name."""
    return PageOf.from_page(call.qdash.get(TAGS).page(call.access, call.page), TagDocument.from_record)


@operations.get(
    "/tags/use",
    needs=RequiredRole.VIEWER,
    command=Command("tag use", empty=_NO_TAGS, first=_FIRST),
)
def list_tag_use(call: Call) -> PageOf[UsedTagDocument]:
    """List the tags of the project, by name, with the numbers of executions, results, flows and timetables."""
    return PageOf.from_page(
        call.qdash.get(TAGS).get_use_page(call.access, call.page), UsedTagDocument.from_used_tag
    )


@operations.post(
    "/tags/replace",
    needs=RequiredRole.EDITOR,
    slow=True,
    command=Command(
        "tag rename",
        help="Rename a tag in the list and in all tagged objects, or merge tags into one.",
        marks={
            "names": OnCommandLine(metavar="TAG", is_argument=True),
            "to": OnCommandLine(metavar="NAME", help="New name, or the tag to merge with.", is_required=True),
        },
    ),
)
def replace_tags(call: Call, body: TagReplacementRequest) -> TagReplacementDocument:
    """Rename, merge or remove tags, in the list and in all tagged objects."""
    done = call.qdash.get(TAGS).replace(call.access, body.names, body.to)
    return TagReplacementDocument.from_replacement(done)


@operations.post(
    "/tags",
    needs=RequiredRole.EDITOR,
    command=Command("tag add", says="tag {name}: first used by {username}"),
)
def add_tag(call: Call, body: TagRequest) -> TagDocument:
    """Add a tag, unless it exists."""
    return TagDocument.from_record(call.qdash.get(TAGS).add(call.access, body.name))


@operations.delete("/tags/{name}", needs=RequiredRole.EDITOR)
def delete_tag(call: Call, name: Name) -> TagDocument:
    """Remove a tag from the list; tagged objects keep it."""
    return TagDocument.from_record(call.qdash.get(TAGS).delete(call.access, name))
