"""Discussions of the original system, in its forum and on its task results, as laboratory issues.

A thread is several documents, so all are read first. The event of each text keeps the document from which it came
(`origin`): a repeated import adds only new replies, and does not restore deleted issues.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_builtin.issues.links import MOST_METRICS
from qdash_builtin.issues.model import IssueState
from qdash_builtin.issues.texts import normalise_labels
from qdash_builtin.text_pages.user_texts import LONGEST_TITLE
from qdash_original.original_document import UnreadableError
from qdash_original.posts import Post
from qdash_original.values import boolean, coupling, integer, qubit, text, text_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument
    from qdash_original.users_and_projects import Group

_STATES = {
    "open": IssueState.OPEN,
    "investigating": IssueState.IN_PROGRESS,
    "identified": IssueState.IN_PROGRESS,
    "resolved": IssueState.CLOSED,
}
_PICTURE = re.compile(r"!\[([^\]]{0,1000})\]\((\s{0,8}<?data:[\w/+;:=,.%-]*[^)]{0,500}|[^)]{0,2000})\)")
"""Image in Markdown, with an address or its data; bounded, so that no text takes long."""
_NO_AUTHOR = "original"
"""Author of a reviewed case for which the original does not name a user."""
_CASE_FIELDS = (
    *("date", "severity", "resolution_status", "symptom", "root_cause", "resolution", "boundary_criteria"),
    *(
        "applicability",
        "counterexample",
        "prompt_guidance",
        "model_prediction",
        "human_review_decision",
        "human_label",
    ),
    *("model_error_type", "resolution_label", "pr_url"),
)
_CASE_LISTS = ("lesson_learned", "failure_mode_labels", "case_type", "figure_paths", "thread_image_urls")


def convert_category(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep the name of a category, which becomes a label of its threads."""
    key = document.require("key", text)
    known.discussions.categories[document.project_id, key] = document.read("name", text) or key
    document.mark_read("description", "color", "icon", "sort_order", "is_archived")
    yield from ()


def convert_post(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep a thread or a reply of the forum."""
    if document.read("is_deleted", boolean):
        raise UnreadableError("is_deleted", "it was deleted in the original")
    thread = document.read("parent_id", text) or ""
    document.mark_read("content_blocks")
    post = _read_post(document, thread)
    if thread:
        document.mark_read("category", "labels", "assignee_username", "status", "chip_id", "target_type")
        document.mark_read("target_id", "cooldown_id", "number", "title")
    else:
        post.number = document.read("number", integer)
        post.fields = _read_thread_fields(document, known, post)
    known.discussions.add(post)
    yield from ()


def convert_issue(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep an issue of a task result, or a reply to one."""
    thread = document.read("parent_id", text) or ""
    post = _read_post(document, thread)
    task_id = document.read("task_id", text) or ""
    closed = document.read("is_closed", boolean)
    if thread:
        document.mark_read("title")
    else:
        post.fields = {
            "title": _read_title(document, post),
            "state": IssueState.CLOSED if closed else IssueState.OPEN,
            **_find_links(document, known, task_id),
        }
    known.discussions.add(post)
    yield from ()


def convert_case(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep a case that an assistant extracted from an issue, as a comment of the user who reviewed it."""
    status = document.read("status", text) or "draft"
    if status != "approved":
        raise UnreadableError("status", f"it is {status}: only approved cases are imported")
    lines = [f"Case: {document.read('title', text) or ''}".strip()]
    for name in (*_CASE_FIELDS, *_CASE_LISTS):
        found = document.read(name, text_list if name in _CASE_LISTS else text)
        written = "; ".join(found) if isinstance(found, list) else found
        if written:
            lines.append(f"{name.replace('_', ' ')}: {written}")
    document.mark_read("task_id", "task_name", "chip_id", "qid", "reviewed_by_user_id")
    times = document.read_times()
    known.discussions.add(
        Post(
            document,
            document.require("issue_id", text),
            document.read("reviewed_by", text) or _NO_AUTHOR,
            _drop_pictures("\n\n".join(lines)),
            times["created_at"],
            times["updated_at"],
            closing=True,
        )
    )
    yield from ()


def _read_post(document: OriginalDocument, thread: str) -> Post:
    content = document.require("content", text)
    made = _drop_pictures(content)
    if made != content.strip():
        document.omit("content", "pictures stay in the original; their names and addresses are imported")
    if document.read("is_ai_reply", boolean):
        made = f"(Written by the assistant of the original.)\n\n{made}"
    times = document.read_times()
    return Post(
        document, thread, document.require("username", text), made, times["created_at"], times["updated_at"]
    )


def _drop_pictures(markdown: str) -> str:
    """Return a text with names and addresses in place of pictures, since those of issues are drawn from results."""
    former = None
    while former != markdown:
        former = markdown
        markdown = _PICTURE.sub(_describe_picture, markdown)
    return markdown.strip()


def _describe_picture(found: re.Match[str]) -> str:
    address = "" if found[2].lstrip(" <").startswith("data:") else found[2]
    return f"(picture {' '.join(filter(None, [found[1], address]))})".replace(" )", ")")


def _read_title(document: OriginalDocument, post: Post) -> str:
    """Return the title in one line; without one, the first line of the text."""
    written = document.read("title", text) or next(iter(post.content.split("\n")), "")
    line = "".join(one for one in " ".join(written.split()) if one.isprintable())
    if len(line) > LONGEST_TITLE:
        document.omit("title", f"it is longer than {LONGEST_TITLE} characters, and was cut")
    return line[:LONGEST_TITLE].strip() or "Without a title"


def _read_thread_fields(document: OriginalDocument, known: ConversionState, post: Post) -> dict[str, Any]:
    status = document.read("status", text) or "open"
    if status not in _STATES:
        document.omit("status", f"{status!r} is no status of threads")
    category = document.read("category", text) or ""
    name = known.discussions.categories.get((document.project_id, category), category)
    labels = [
        name,
        *(document.read("labels", text_list) or []),
        *(["identified"] if status == "identified" else []),
    ]
    assignee = document.read("assignee_username", text)
    return {
        "title": _read_title(document, post),
        "state": _STATES.get(status, IssueState.OPEN),
        "labels": _read_labels(document, labels),
        "assignees": [assignee] if assignee else [],
        **_read_target(document),
        "cooldown_id": document.read("cooldown_id", text) or "",
    }


def _read_labels(document: OriginalDocument, labels: Iterable[str]) -> list[str]:
    found: list[str] = []
    for label in filter(None, labels):
        try:
            found += normalise_labels([label])
        except ValueError as error:
            document.omit("labels", str(error))
    return list(dict.fromkeys(found))


def _read_target(document: OriginalDocument) -> dict[str, Any]:
    chip_id = document.read("chip_id", text) or ""
    convert = coupling if document.read("target_type", text) == "coupling" else qubit
    target = document.read("target_id", lambda value: convert(value) if value else "")
    if target and not chip_id:
        document.omit("target_id", "its chip is missing")
        target = None
    return {"chip_id": chip_id, "targets": [target] if target else []}


def _find_links(document: OriginalDocument, known: ConversionState, task_id: str) -> dict[str, Any]:
    """Return the links of an issue to its result, and to the chip, target, task and run of the result."""
    result = known.discussed.get((document.project_id, task_id))
    if result is None:
        document.omit("task_id", f"there is no result {task_id!r}")
        return {}
    return {
        "task_id": task_id,
        "task": result.name,
        "chip_id": result.chip_id,
        "targets": [result.qid] if result.qid else [],
        "metrics": result.output_parameter_names[:MOST_METRICS],
        "execution_id": result.execution_id,
        "cooldown_id": result.cooldown_id or "",
    }
