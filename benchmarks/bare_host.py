"""Bare FastAPI app that returns the bytes of a file: the baseline of server and load tool."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response


def main() -> None:
    """Serve the bytes in the file `--answers` for each path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    answers = {path: text.encode() for path, text in json.loads(given.answers.read_text("utf-8")).items()}
    app = FastAPI()

    @app.get("/{path:path}")
    async def answer(path: str) -> Response:
        return Response(answers[f"/{path}"], media_type="application/json")

    uvicorn.run(app, port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
