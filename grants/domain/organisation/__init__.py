"""What is kept of an organisation from year to year, and who acts for it."""
