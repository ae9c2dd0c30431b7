"""Markdown texts of users: no raw HTML, no pictures except those of results and attached files, and no links that run scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import streamlit as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from qdash_builtin.attachments.file_markdown import SCHEME, read_address
from qdash_builtin.attachments.pages.file_links import STYLE as FILE_STYLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qdash_builtin.attachments.pages.file_links import FileLink

_PICTURE = re.compile(r"result:([^/?#\s]+)(?:/([^/?#]+))?")
_ADDRESS = re.compile(r"https?://[^/]|mailto:[^/]|/(?![/\\])|result:|file:[^/]", re.IGNORECASE)
"""Beginnings of permitted addresses: pages of the web and of the dashboard, mail, pictures of results, and attached files."""
_OWN_PAGE = "/"
_TOP_HEADING = 3
"""Level of the largest heading of a text: those above belong to the page."""
_STYLE = """<style>
.user-text { overflow-wrap: anywhere; }
.user-text > :first-child { margin-top: 0; padding-top: 0; }
.user-text pre { white-space: pre-wrap; padding: 0.6rem; border-radius: 0.4rem; background: rgba(128, 128, 128, 0.12); }
.user-text code { color: inherit; }
.user-text table { border-collapse: collapse; }
.user-text :is(th, td) { border: 1px solid rgba(128, 128, 128, 0.35); padding: 0.2rem 0.6rem; }
.user-text blockquote { margin: 0 0 1rem; padding-left: 0.6rem; border-left: 3px solid #7b858c; }
</style>"""


@dataclass(frozen=True, slots=True)
class ResultPicture:
    """Picture of a result in a text: `![caption](result:TASK_ID)`, or with `/FIGURE`; without, the figure is empty."""

    task_id: str
    figure: str
    caption: str


def draw_user_markdown(
    text: str,
    *,
    draw_picture: Callable[[ResultPicture], None] | None = None,
    files: Mapping[str, FileLink] | None = None,
) -> None:
    """Draw a Markdown text of a user.

    Parameters
    ----------
    text : str
        Text. Raw HTML, pictures from elsewhere and links with other schemes are shown as they are written.
    draw_picture : callable or None
        Draws a picture of a result below the paragraph that contains it, or None for captions only.
    files : mapping or None
        Attached files that the text may name, or None for captions only.
    """
    for piece in split_user_markdown(text, files):
        if isinstance(piece, str):
            st.html(f'{_STYLE}{FILE_STYLE}<div class="user-text">{piece}</div>')
        elif draw_picture is not None:
            draw_picture(piece)


def split_user_markdown(
    text: str, files: Mapping[str, FileLink] | None = None
) -> Iterator[str | ResultPicture]:
    """Yield the HTML of a Markdown text of a user with its attached files, interrupted by its pictures of results."""
    html = ""
    for block in _split_blocks(_parser.parse(text)):
        pictures = list(_find_pictures(block))
        if not (pictures and _has_only_pictures(block)):
            html += _parser.renderer.render([_adapt(token, files) for token in block], _parser.options, {})
        if pictures:
            if html:
                yield html
            yield from pictures
            html = ""
    if html:
        yield html


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "breaks": True})
    parser.validateLink = lambda address: _ADDRESS.match(address) is not None
    return parser


_parser = _make_parser()


def _split_blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    block: list[Token] = []
    level = 0
    for token in tokens:
        block.append(token)
        level += token.nesting
        if level == 0:
            yield block
            block = []


def _find_pictures(block: Sequence[Token]) -> Iterator[ResultPicture]:
    for token in block:
        for child in token.children or ():
            if child.type == "image" and (found := _read_picture(child)) is not None:
                yield found


def _read_picture(image: Token) -> ResultPicture | None:
    found = _PICTURE.fullmatch(str(image.attrs["src"]))
    if found is None:
        return None
    return ResultPicture(unquote(found[1]), unquote(found[2] or ""), image.content)


def _has_only_pictures(block: Sequence[Token]) -> bool:
    """Return whether a block is a paragraph of pictures of results only."""
    if [token.type for token in block] != ["paragraph_open", "inline", "paragraph_close"]:
        return False
    breaks = ("softbreak", "hardbreak")
    return all(
        one.type in breaks
        or (one.type == "text" and not one.content.strip())
        or (one.type == "image" and _read_picture(one) is not None)
        for one in block[1].children or ()
    )


def _adapt(token: Token, files: Mapping[str, FileLink] | None) -> Token:
    """Return a token as it is rendered: headings below those of the page, links without access to it, no pictures but those of files."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(6, int(token.tag[1]) + _TOP_HEADING - 1)}"
    elif token.type == "inline":
        token.children = [_adapt_inline(child, files) for child in token.children or ()]
    return token


def _adapt_inline(token: Token, files: Mapping[str, FileLink] | None) -> Token:
    if token.type == "image":
        file = _find_file(str(token.attrs["src"]), files)
        if file is not None:
            return Token("html_inline", "", 0, content=file.format(token.content))
        return Token("text", "", 0, content=_describe_image(token, files))
    if token.type == "link_open":
        address = str(token.attrs["href"])
        if (file := _find_file(address, files)) is not None and file.address:
            opening: dict[str, str | int | float] = (
                {"target": "_blank", "rel": "noopener"} if file.thumbnail else {"download": file.name}
            )
            token.attrs = {"class": "file", "href": file.address, **opening}
        elif address.lower().startswith(("result:", SCHEME)):
            token.attrs = {}  # only pictures of results have such addresses; such a file is not attached
        elif not address.startswith(_OWN_PAGE):
            token.attrs |= {"rel": "noopener noreferrer nofollow", "target": "_blank"}
    return token


def _find_file(address: str, files: Mapping[str, FileLink] | None) -> FileLink | None:
    return (files or {}).get(read_address(address)) if address.startswith(SCHEME) else None


def _describe_image(image: Token, files: Mapping[str, FileLink] | None) -> str:
    source = str(image.attrs["src"])
    if source.startswith(SCHEME):
        caption = image.content or read_address(source)
        return f"[{caption}]" if files is None else f"[{caption}: no such file is attached]"
    if (picture := _read_picture(image)) is not None:
        return f"[{picture.caption or 'picture'}, below]"
    return f"![{image.content}]({source})"
