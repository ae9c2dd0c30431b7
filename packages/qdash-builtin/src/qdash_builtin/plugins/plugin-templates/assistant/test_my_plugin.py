"""Tests of the plugin."""

from qdash_testing import AssistantContract

from my_plugin import MyPluginAssistant


class TestMyPluginAssistant(AssistantContract):
    def make_assistant(self):
        return MyPluginAssistant()
