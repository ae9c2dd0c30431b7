from qdash_core.documents.executions import ExecutionView as ExecutionView
