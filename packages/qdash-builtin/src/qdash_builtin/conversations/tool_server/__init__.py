"""Operations as tools of clients of the Model Context Protocol."""
