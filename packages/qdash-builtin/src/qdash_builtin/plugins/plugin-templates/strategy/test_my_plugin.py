"""Tests of the plugin."""

from qdash_testing import SchedulerContract

from my_plugin import MyPluginStrategy


class TestMyPluginStrategy(SchedulerContract):
    scheduler = MyPluginStrategy()
