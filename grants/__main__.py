"""`python -m grants` is the command `grants`."""

from grants.cli import main

main()
