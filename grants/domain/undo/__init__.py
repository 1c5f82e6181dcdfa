"""Operations undone in one go."""
