"""Log of the host on standard error: one JSON document per line, or text for a terminal."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any, Literal

LogFormat = Literal["json", "text"]


class JsonLine(logging.Formatter):
    """Formatter of a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, Any] = {
            "at": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in _further(record).items() if value is not None}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


class TextLine(logging.Formatter):
    """Formatter of a record as text for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the lines of an exception."""
        further = _further(record)
        told = f" {further['ms']:g} ms, {further['user'] or '-'}, {further['request_id']}" if further else ""
        line = f"{_moment(record):%H:%M:%S} {record.levelname} {record.getMessage()}{told}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _further(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, "said", {})


def log_config(log_format: LogFormat) -> dict[str, Any]:
    """Return the configuration of `logging`, also for processes that the server starts."""
    line = JsonLine if log_format == "json" else TextLine
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{line.__name__}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": os.environ.get("QDASH_LOG_LEVEL", "WARNING").upper(), "handlers": ["stderr"]},
        "loggers": {"qdash.requests": {"level": "INFO"}},
    }
