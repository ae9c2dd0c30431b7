"""Page of the JSON documents, against the commands and the schemas of the host."""

import re

from docs import make_commands, make_documents
from docs.make_http import read_document


def test_every_listed_command_exists_and_prints_json() -> None:
    commands = dict(make_commands.commands())
    unknown = [name for name in make_documents.COMMANDS if f"qdash {name}" not in commands]
    assert unknown == []
    silent = [
        name
        for name in make_documents.COMMANDS
        if not any("--json" in one.opts for one in commands[f"qdash {name}"].params)
    ]
    assert silent == []


def test_every_named_document_is_a_schema_with_its_section() -> None:
    page = make_documents.make_page()
    names = make_documents.list_named_schemas()
    assert names <= read_document()["components"]["schemas"].keys()
    assert names <= set(re.findall(r"^### (\w+)$", page, re.MULTILINE))
    assert "| `chip_id` | string |" in page


def test_every_link_within_the_page_leads_to_a_section() -> None:
    page = make_documents.make_page()
    sections = {name.lower() for name in re.findall(r"^### (\w+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= sections
