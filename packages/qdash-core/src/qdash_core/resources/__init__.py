"""Resources: the operations of QDash."""
