"""Operations: each declared once, with its route, required role and the type of its answer."""
