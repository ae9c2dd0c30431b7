"""Results looked at again: refits and figures."""
