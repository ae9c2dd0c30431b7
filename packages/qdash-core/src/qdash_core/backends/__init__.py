"""The port to hardware: the only place where it is touched."""
