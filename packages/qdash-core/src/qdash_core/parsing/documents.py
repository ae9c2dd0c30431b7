"""Documents in JSON or YAML, each read by its own parser."""

from __future__ import annotations

from qdash_core.parsing.json_parser import RepeatedKeyError, parse_json
from qdash_core.parsing.text_error import TextError


def parse_document(text: str) -> object:
    """Parse a JSON or YAML text.

    JSON is not left to the parser of YAML 1.1, which takes a number such as `5e-05` for text. YAML in flow style begins like JSON.

    Raises
    ------
    InvalidInputError
        If it is neither, or exceeds a limit; the message names the line, and a `TextError` has it.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith(("{", "[")):
        try:
            document: object = parse_json(text)
        except RepeatedKeyError:
            raise
        except TextError:
            pass
        else:
            return document
    from qdash_core.parsing.yaml_parser import parse_yaml  # imports PyYAML only where YAML is read

    return parse_yaml(text)
