"""What those who instruct do with a deposited dossier, short of deciding on money."""
