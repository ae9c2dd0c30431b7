from qdash_remote.connection import Connection as Connection
from qdash_remote.connection import connect as connect
from qdash_remote.event_stream import Gap as Gap
from qdash_remote.event_stream import follow as follow
from qdash_remote.problems import HostError as HostError
