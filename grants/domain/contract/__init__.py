"""What an administrator sets up for a contract: its terms, partners, territory, themes."""
