"""Tasks of this installation besides those of plugins: import the class of a task here, and every run finds it.

For example, for a task in `calibtasks/my_new_task.py`::

    from qdash.workflow.calibtasks.my_new_task import MyNewTask

A new version of an installed QDash replaces this file. Tasks that should survive it belong in a plugin.
"""
