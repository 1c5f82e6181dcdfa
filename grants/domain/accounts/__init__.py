"""People: their accounts, passwords, roles and sign-ins."""
