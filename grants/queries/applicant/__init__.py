"""What applicants see of their dossiers, and what they may begin."""
