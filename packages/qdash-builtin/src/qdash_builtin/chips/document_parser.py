"""Documents in JSON or YAML, each read by its own parser."""

from __future__ import annotations

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import RepeatedKeyError, parse_json
from qdash_core.parsing.limits import JSON_FILE, JsonLimits
from qdash_core.parsing.text_error import TextError


def parse_document(text: str, *, limits: JsonLimits = JSON_FILE) -> object:
    """Parse a JSON or YAML text; the limits are those of JSON.

    JSON is not left to the parser of YAML 1.1, which takes a number such as `5e-05` for text. For a text that begins like JSON and is
    neither, the error is that of JSON.

    Raises
    ------
    InvalidInputError
        If it is neither, or exceeds a limit; the message names the line, and a `TextError` has it.
    """
    text = text.removeprefix("\ufeff")
    not_json: TextError | None = None
    if text.lstrip().startswith(("{", "[")):
        try:
            document: object = parse_json(text, limits=limits)
        except RepeatedKeyError:
            raise
        except TextError as error:
            not_json = error
        else:
            return document
    from qdash_core.parsing.yaml_parser import parse_yaml  # imports PyYAML only where YAML is read

    try:
        return parse_yaml(text)
    except InvalidInputError as not_yaml:
        raise not_json or not_yaml from None
