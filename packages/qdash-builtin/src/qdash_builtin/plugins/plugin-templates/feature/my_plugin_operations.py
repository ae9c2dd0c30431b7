"""Operations: routes of the host, commands and tools of assistants at once."""

from qdash_core import Call, Command, Document, PluginOperations, RequiredRole

operations = PluginOperations("my-plugin")


class Temperature(Document):
    """A temperature."""

    kelvin: float


@operations.get("/temperature", needs=RequiredRole.VIEWER, command=Command("temperature"))
def show_temperature(call: Call) -> Temperature:
    """Show the temperature of the laboratory."""
    return Temperature(kelvin=295.0)
