"""Notices as JSON for the incoming webhooks of Slack, which Mattermost and Rocket.Chat accept too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_core.hooks.notice import make_one_line

if TYPE_CHECKING:
    from qdash_core.hooks.notice import Notice

_COLOURS = {"completed": "good", "failed": "danger", "cancelled": "warning"}
_LONGEST_BLOCK = 3_000
"""Slack's limit for the text of a block, in characters."""
_FENCE = "```"
_SEPARATOR = "\u200b"
"""Zero-width space, which prevents that characters are read as markup."""
_MENTION = re.compile(r"@(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)


def make_slack_message(notice: Notice) -> dict[str, Any]:
    """Return the message of a notice: its title, with the text in a code block or else the fields as an attachment.

    Mattermost and Rocket.Chat do not know blocks, and all three fold long attachments.
    """
    title = _escape(make_one_line(notice.title))
    if notice.text:
        return {"text": f"{title}\n{_make_code_block(notice)}"}
    fields = [
        {"title": name, "value": _escape(value), "short": len(value) <= 30}
        for name, value in notice.fields.items()
    ]
    attachment: dict[str, Any] = {"fallback": title, "fields": fields}
    colour = _COLOURS.get(notice.kind.partition(".")[2])
    if colour is not None:
        attachment["color"] = colour
    return {"text": title, "attachments": [attachment]}


def _make_code_block(notice: Notice) -> str:
    """Return the text of a notice as a code block, cut at a line if it is too long, with a remark."""
    lines = [_escape(one) for one in notice.text.rstrip().splitlines()]
    block, n_lines = f"{_FENCE}\n", 0
    for line in lines:
        if len(block) + len(line) + 1 + len(_FENCE) > _LONGEST_BLOCK:
            break
        block, n_lines = f"{block}{line}\n", n_lines + 1
    block += _FENCE
    if n_lines == len(lines):
        return block
    look = notice.fields.get("look")
    hint = f"; all lines: {_escape(look)}" if look else ""
    return f"{block}\n{len(lines) - n_lines} of {len(lines)} lines omitted{hint}"


def _escape(text: str) -> str:
    """Return a text without effect as markup: no links, mentions of channels or ends of code blocks."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace(_FENCE, _SEPARATOR.join(_FENCE))
    return _MENTION.sub(f"@{_SEPARATOR}", text)
