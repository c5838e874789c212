"""`python -m scheduler` is the command `dateline`."""

from scheduler.cli import main

main(prog_name="dateline")
