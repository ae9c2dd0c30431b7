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
        document: dict[str, Any] = {
            "at": _record_time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        document |= {name: value for name, value in _request_fields(record).items() if value is not None}
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False, default=str)


class TextLine(logging.Formatter):
    """Formatter of a record as text for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the lines of an exception."""
        fields = _request_fields(record)
        request_text = (
            f" {fields['ms']:g} ms, {fields['user'] or '-'}, {fields['request_id']}" if fields else ""
        )
        line = f"{_record_time(record):%H:%M:%S} {record.levelname} {record.getMessage()}{request_text}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _record_time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _request_fields(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, "request_fields", {})


def make_log_config(log_format: LogFormat, *, log_requests: bool = True) -> dict[str, Any]:
    """Return the configuration of `logging`, also for processes that the server starts.

    Failures of the host are always logged.
    """
    line = JsonLine if log_format == "json" else TextLine
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{line.__name__}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": os.environ.get("QDASH_LOG_LEVEL", "WARNING").upper(), "handlers": ["stderr"]},
        "loggers": {"qdash.requests": {"level": "INFO" if log_requests else "WARNING"}},
    }
