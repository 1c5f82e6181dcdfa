"""What is recorded of every change: history, operations, the journal of security."""
