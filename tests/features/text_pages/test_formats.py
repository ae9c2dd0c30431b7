"""Every text of a page stays a text in each format, in whatever part of the page it is."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

from qdash_builtin.text_pages.html import iter_html
from qdash_builtin.text_pages.markdown import Markdown, iter_markdown, quote_inline
from qdash_builtin.text_pages.page import Page
from qdash_builtin.text_pages.plain_text import write_text
from qdash_builtin.text_pages.sections import LabelledDrawing, Line, Section, Table

ATTACK = (
    'x"><script>alert(1)</script><img src=//evil.example onerror=alert(1)>\n# heading [a](javascript:b) | `c`'
)
DRAWING = LabelledDrawing([(ATTACK, ATTACK)], None, ATTACK, ATTACK, ATTACK)
HOSTILE = Section(
    ATTACK,
    [Line(ATTACK, ATTACK)],
    Table((ATTACK, ATTACK), [(ATTACK, ATTACK)]),
    text=ATTACK,
    facts=[(ATTACK, ATTACK)],
    drawings=[DRAWING, LabelledDrawing([(ATTACK, "")], "<svg></svg>")],
    layout=ATTACK,
    legend=[(ATTACK, ATTACK)],
    without_script=ATTACK,
    anchor=ATTACK,
    folded=True,
    note=ATTACK,
)
PAGES = [Page(ATTACK, [ATTACK], [HOSTILE], [(ATTACK, ATTACK)], style) for style in ("", None)]


class Elements(HTMLParser):
    """Tags and names of attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_html_has_the_elements_of_the_page_only() -> None:
    for page in PAGES:
        found = Elements("".join(iter_html(page)))
        assert found.tags.count("script") == (page.style is not None)
        assert not {"img", "iframe", "object", "link", "base"} & {*found.tags}
        assert not {"src", "onerror", "style"} & found.attributes


def test_markdown_has_the_structure_of_the_page_only() -> None:
    tokens = MarkdownIt("js-default", {"html": True}).parse("".join(iter_markdown(PAGES[0])))
    every = [child for one in tokens for child in (one, *(one.children or ()))]
    assert not {"html_block", "html_inline", "link_open", "image"} & {one.type for one in every}
    assert sum(one.type == "heading_open" for one in every) == 2


def test_markdown_that_is_quoted_stays_as_it_is() -> None:
    page = Page("a", (), [Section("b", text=Markdown(f"- {quote_inline(ATTACK)}"))])
    text = "".join(iter_markdown(page))
    assert text.startswith('# a\n\n## b\n\n- `` x"><script>alert(1)</script>')
    assert "<script>" not in "".join(iter_html(page))


def test_plain_text_has_every_part() -> None:
    section = Section("Yield", [Line("line", "command")], text="paragraph", facts=[("name", "fact")])
    text = write_text(Page("title", ["lead"], [section], [("chip", "a")]))
    for part in ("title", "lead", "chip: a", "Yield         paragraph", "name: fact", "line", "command"):
        assert part in text
