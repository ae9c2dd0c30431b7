"""Notifier: it receives the events in `QDASH_NOTIFY_ON`, and writes them into the file that MY_PLUGIN_FILE names."""

import os
from pathlib import Path

from qdash_core import hookimpl


class MyPluginNotifier:
    """Writes a line for each event."""

    name = "my-plugin"
    transient_errors = (OSError,)

    def configured(self, settings):
        """Return the notifier to use, or None."""
        return self if "MY_PLUGIN_FILE" in os.environ else None

    def notify(self, event):
        """Write the event; errors are logged, and after one of `transient_errors` it is called again."""
        with Path(os.environ["MY_PLUGIN_FILE"]).open("a") as file:
            file.write(f"{event.kind} {event.title}\n")


@hookimpl
def qdash_notifiers():
    return [MyPluginNotifier()]
