"""Two years side by side, and what became of each action between them."""
