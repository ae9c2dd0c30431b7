"""Writer of the OpenAPI document of the host: `python packages/qdash-remote/generate.py [--check]`.

It writes `openapi.json` in this folder. With `--check` it writes nothing; the exit status is 1 if the file differs from the
document of the current sources.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE / "openapi.json"


def make_document() -> dict[str, Any]:
    """Return the OpenAPI document of a host with only the plugins of this repository."""
    from qdash_api import create_app
    from qdash_api.openapi import describe_app
    from qdash_core.features.discovery import list_feature_distributions
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import Settings

    plugins = (
        *list_feature_distributions(),
        "qdash-core",
        "qdash-scheduling",
        "qdash-sqlite",
        "qdash-api",
        "qdash-fake",
    )
    registry = load_plugins(blocked=(), installed_too=plugins)
    app = create_app(Settings(home=HERE), registry)
    if failures := [f"{one.name}: {one.error}" for one in registry.plugins if one.error]:
        sys.exit(f"plugins were set aside: {'; '.join(failures)}")
    found: dict[str, Any] = json.loads(json.dumps(describe_app(app)))
    return found


def format_document(found: dict[str, Any]) -> str:
    """Return the text of an OpenAPI document as it is stored."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the document, or check whether it is up to date."""
    text = format_document(make_document())
    if "--check" in sys.argv[1:]:
        if DOCUMENT.exists() and DOCUMENT.read_text("utf-8") == text:
            return 0
        print(f"{DOCUMENT.name} is out of date: run packages/generate.py")
        return 1
    DOCUMENT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
