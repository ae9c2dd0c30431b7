"""Valid examples of every view model of twins, with fields in order."""

from __future__ import annotations

import json

import qdash_fake.documents
from qdash_core.documents.base import Document, ExplicitDocument

from ..case_tables import each_case

DOCUMENTS = [
    kind
    for kind in vars(qdash_fake.documents).values()
    if isinstance(kind, type) and issubclass(kind, Document) and kind not in (Document, ExplicitDocument)
]


@each_case("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
def test_the_example_of_a_document_is_one(kind: type[Document]) -> None:
    schema = kind.model_json_schema(mode="serialization")
    assert list(schema["properties"]) == list(kind.model_fields)
    extra = kind.__dict__["model_config"]["json_schema_extra"]
    assert schema["examples"] == extra["examples"], "a document has an example of its own"
    for example in extra["examples"]:
        shown = kind.model_validate_json(json.dumps(example)).as_json()
        assert json.dumps(shown) == json.dumps(example)
