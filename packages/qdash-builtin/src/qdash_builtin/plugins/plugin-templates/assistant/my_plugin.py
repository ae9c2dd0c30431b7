"""Assistant of `qdash ask`: it reads the values of the chip by a tool, and counts them."""

from qdash_core import AssistantState, TextPart, ToolCallPart, ToolResultPart, hookimpl


class MyPluginAssistant:
    """Answers questions about the chip of the conversation."""

    name = "my-plugin"

    def get_state(self):
        """Return whether it can answer."""
        return AssistantState(name=self.name, ready=True, model=None, reason="")

    def answer(self, question, *, history, context, tools, limits, cancelled):
        """Yield the parts of an answer."""
        arguments = {"chip_id": context["chip_id"]}
        for tool in (one for one in tools if one.name == "chip_values" and context["chip_id"]):
            if cancelled():
                return
            yield ToolCallPart("1", tool.name, arguments)
            try:
                found = tool.call(arguments)
            except Exception as error:
                yield ToolResultPart("1", tool.name, ok=False, summary=str(error), seconds=0.0)
            else:
                said = f"{len(found.document)} parts"
                yield ToolResultPart("1", tool.name, ok=True, summary=said, seconds=0.0)
        yield TextPart(f"The question has {len(question)} characters.")


@hookimpl
def qdash_assistants():
    return [MyPluginAssistant()]
