"""Tests of the plugin."""

from qdash_testing import FormatContract

from my_plugin import MyPluginFormat


class TestMyPluginFormat(FormatContract):
    format = MyPluginFormat()
