"""Generator of the API reference: a page for each package with stable names, from their sources and docstrings."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import griffe

from docs.api_names import (
    StableName,
    collect_members,
    find_address,
    find_init,
    find_public,
    find_service_class,
    get_file,
    list_classes,
    list_packages,
    map_paths,
    read_module,
)
from docs.api_signatures import get_default, list_arguments, make_call, make_lines, name_arguments, shorten
from docs.docstrings import ParsedDocstring, make_cell, parse_docstring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docs.api_names import Members, Source
    from docs.docstrings import Entry

FOLDER = "api"
_KINDS = {
    "function": "Functions",
    "class": "Classes",
    "protocol": "Protocols",
    "enumeration": "Enumerations",
    "error": "Errors",
    "service": "Services",
    "value": "Values",
}
"""Headings of the lists of names, in their order."""

_INDEX = """\
# API reference

Signatures and docstrings of the [stable names](../stability.md), by package. Import a name from the package of its page.

{rows}

Elsewhere: [hooks](../hooks.md) of plugins, [fits](../analysis.md) of `qdash_analysis`, [routes](../http.md) of the host, [commands](../commands.md),
[tasks](../tasks/README.md).
"""
_SERVICES = """
A service is the key of an object: `qdash.get(NAME)` returns the object, where `qdash` comes from [`open_qdash`]({open_qdash}) or from an operation.
The key is stable; the methods are as provisional as their class.
"""


def list_pages() -> dict[str, Callable[[], str]]:
    """Return the generator of each page by its path."""
    pages = {f"{FOLDER}/{get_file(package)}": partial(make_page, package) for package in list_packages()}
    return {f"{FOLDER}/README.md": make_index, **pages}


def make_index() -> str:
    """Return the text of the page that lists the packages."""
    rows = []
    for package, words in sorted(
        list_packages().items(), key=lambda item: item[0].startswith("qdash_builtin")
    ):
        links = (f"[`{word}`]({StableName(package, word, '').address})" for word in words)
        rows.append(f"- [`{package}`]({get_file(package)}): {', '.join(links)}")
    return _INDEX.format(rows="\n".join(rows))


def make_page(package: str) -> str:
    """Return the text of the page of a package."""
    names = [StableName(package, *name) for name in list_packages()[package].items()]
    found = {name: find_public(package, name.word) for name in names}
    parts = [f"# {package}\n", _describe_package(package)]
    for kind, title in _KINDS.items():
        these = [name for name in names if _get_kind(name, found[name]) == kind]
        if these:
            parts.append(_make_list(title, kind, these, found))
    for name in names:
        entry = _link_names(_make_entry(name, found[name]), name)
        parts += [entry, *_list_types(entry, name)]
    return "\n".join(parts)


def _describe_package(package: str) -> str:
    text = read_module(package).docstring
    return f"{parse_docstring(text.value).text}\n" if text else ""


def _make_list(title: str, kind: str, names: list[StableName], found: dict[StableName, Source]) -> str:
    rows = [
        f"| [`{name.word}`](#{name.word.lower()}) | {make_cell(_get_headline(_parse(found[name])))} |"
        for name in names
    ]
    return "\n".join(
        [
            f"| {title} | |",
            "|---|---|",
            *rows,
            _SERVICES.format(open_qdash=find_address("open_qdash", names[0])) * (kind == "service"),
        ]
    )


def _get_kind(name: StableName, found: Source) -> str:
    if isinstance(found, griffe.Function):
        return "function"
    if isinstance(found, griffe.Attribute):
        return "service" if find_service_class(found) else "value"
    bases = {str(base).partition("[")[0] for one in list_classes(found) for base in one.bases}
    if "Protocol" in {str(base).partition("[")[0] for base in found.bases}:
        return "protocol"
    if bases & {"Enum", "StrEnum", "IntEnum"}:
        return "enumeration"
    return "error" if name.signature == "(*args)" else "class"


def _make_entry(name: StableName, found: Source) -> str:
    head = f"## {name.word}\n"
    if isinstance(found, griffe.Function):
        return "\n".join([head, _make_code(make_call(name.word, found)), *_describe_function(found)])
    if isinstance(found, griffe.Class):
        return "\n".join([head, *_describe_class(name, found)])
    return "\n".join([head, *_describe_value(name, found)])


def _describe_function(found: griffe.Function) -> Iterator[str]:
    parsed = _parse(found)
    yield f"{parsed.text}\n"
    yield from _make_table("argument", _list_texts(parsed, "parameters"))
    yield from _describe_outcome(parsed)


def _describe_outcome(parsed: ParsedDocstring) -> Iterator[str]:
    for section in ("returns", "yields", "raises"):
        for entry in parsed.sections.get(section, []):
            kind = f" `{entry.type}`:" if section == "raises" else ""
            yield f"**{section.capitalize()}**{kind} {entry.text}\n"
    if parsed.notes:
        yield f"**Note** {parsed.notes}\n"


def _describe_class(name: StableName, found: griffe.Class) -> Iterator[str]:
    classes = list_classes(found)
    bases = [map_paths().get(one.path) for one in classes[1:]]
    members = collect_members(classes)
    arguments = list_arguments(name, classes, members)
    if arguments and _get_kind(name, found) == "class":
        yield _make_code(make_lines(name.word, arguments, ""))
    parsed = _parse(found)
    yield f"{parsed.text}\n"
    if named := [base for base in bases if base]:
        yield f"Extends {', '.join(f'`{base.word}`' for base in named)}.\n"
    texts = _list_texts(parsed, "parameters") | _list_texts(parsed, "attributes")
    if init := find_init(classes):
        texts |= _list_texts(_parse(init), "parameters")
    taken = {re.sub(r"[*\s].*|:.*|=.*", "", one) for one in arguments} - {""}
    fields = {
        word: texts.get(word) or _parse(member).text
        for word, member in members.items()
        if isinstance(member, griffe.Attribute)
    }
    meanings = {word: texts.get(word) or fields.get(word, "") for word in (*texts, *taken)}
    yield from _make_table(
        "argument", {word: meanings[word] for word in meanings if word in taken or word not in fields}
    )
    elsewhere = collect_members([one for one in classes[1:] if one.path in map_paths()])
    own = {word: member for word, member in members.items() if word not in elsewhere}
    yield from _make_attributes(
        own, {word: fields[word] for word in own if word in fields and word not in taken}
    )
    yield from _describe_outcome(parsed)
    yield from _list_methods(own)


def _make_code(code: str) -> str:
    return f"```python\n{code}\n```\n"


def _make_table(title: str, texts: dict[str, str]) -> Iterator[str]:
    """Yield a table with a row for each text, if there is one; names that share it have one row."""
    words: dict[str, list[str]] = {}
    for word, text in texts.items():
        if text:
            words.setdefault(text, []).append(f"`{word}`")
    if words:
        rows = [f"| {', '.join(these)} | {make_cell(text)} |" for text, these in words.items()]
        yield "\n".join([f"| {title} | meaning |", "|---|---|", *rows, ""])


def _make_attributes(members: Members, texts: dict[str, str]) -> Iterator[str]:
    """Yield a table of attributes, if there are any; those without a type and a text are left out, but for members of enumerations."""
    rows = []
    for word, text in texts.items():
        member = members[word]
        kind = re.sub(r"^ClassVar\[(.*)\]$", r"\1", str(getattr(member, "annotation", None) or ""))
        if not kind and not text and not word.isupper():
            continue
        value = None if "property" in member.labels else getattr(member, "value", None)
        default = "" if value is None else get_default(value)
        rows.append(
            f"| `{word}` | {_make_code_cell(kind)} | {_make_code_cell(default)} | {make_cell(text)} |"
        )
    if rows:
        yield "\n".join(["| attribute | type | value | meaning |", "|---|---|---|---|", *rows, ""])


def _make_code_cell(code: str) -> str:
    return f"`{code}`" if code and code != "…" else ""


def _list_methods(members: Members) -> Iterator[str]:
    """Yield the methods that have a docstring."""
    for word, member in members.items():
        if isinstance(member, griffe.Function) and member.docstring:
            yield f"**{word}**\n"
            yield _make_code(make_call(word, member))
            yield from _describe_function(member)


def _describe_value(name: StableName, found: griffe.Attribute) -> Iterator[str]:
    service = find_service_class(found)
    if service is None:
        value = "" if found.value is None else f" = {shorten(str(found.value))}"
        yield _make_code(f"{name.word}{f': {found.annotation}' if found.annotation else ''}{value}")
        yield f"{_parse(found).text}\n"
        return
    yield _make_code(f"{name.word}: {found.annotation}")
    yield f"{_parse(service).text}\n"
    methods = {
        word: member
        for word, member in collect_members(list_classes(service)).items()
        if isinstance(member, griffe.Function) and member.docstring
    }
    rows = [
        f"| `{word}({name_arguments(method)})` | {make_cell(_get_headline(_parse(method)))} |"
        for word, method in methods.items()
    ]
    if rows:
        yield "\n".join([f"| method of `{service.name}` | meaning |", "|---|---|", *rows, ""])


def _parse(found: Source) -> ParsedDocstring:
    if isinstance(found, griffe.Attribute) and (service := find_service_class(found)) and not found.docstring:
        return _parse(service)
    return parse_docstring(found.docstring.value if found.docstring else "")


def _get_headline(parsed: ParsedDocstring) -> str:
    return parsed.text.partition("\n\n")[0]


def _list_texts(parsed: ParsedDocstring, section: str) -> dict[str, str]:
    entries: list[Entry] = parsed.sections.get(section, [])
    return {word: entry.text for entry in entries for word in entry.names}


def _link_names(text: str, own: StableName) -> str:
    """Return an entry with links from the stable names in its text to their entries, those of its own package first."""

    def link(code: re.Match[str]) -> str:
        word = code["word"]
        if not word or word == own.word:
            return code[0]
        address = find_address(word, own)
        return f"[{code[0]}]({address})" if address else code[0]

    return re.sub(r"```.*?```|`(?P<word>[A-Za-z_]\w*)(?:\.\w+)*(?:\(\))?`", link, text, flags=re.DOTALL)


def _list_types(entry: str, own: StableName) -> Iterator[str]:
    """Yield a line with links to the stable types in the signatures of an entry, unless its text has them."""
    code = " ".join(re.findall(r"```python.*?```|\| `[^`]*` (?=\|)", entry, flags=re.DOTALL))
    words = sorted(set(re.findall(r"\b[A-Z]\w*[a-z]\w*", code)) - {own.word})
    links = [f"[`{word}`]({address})" for word in words if (address := find_address(word, own))]
    if missing := [link for link in links if link not in entry]:
        yield f"Types: {', '.join(missing)}.\n"
