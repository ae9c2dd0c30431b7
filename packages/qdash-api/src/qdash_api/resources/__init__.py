"""Operations of the host alone: its pages, state and streams."""
