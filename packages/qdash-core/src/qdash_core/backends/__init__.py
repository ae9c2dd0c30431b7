"""Ports to hardware, through which all access passes."""
