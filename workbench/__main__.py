"""The command line for whoever writes protocol files: `python -m workbench check FILE`.

Each command is one module with `add(subparsers)`, which says what it takes, and `run(asked) -> int`.
0: done and good. 1: something is wrong with a file. 2: the command was not understood.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from workbench import check, diff, explain, pages, rehearse, show
from workbench.draft import CannotRead

COMMANDS = (check, show, diff, rehearse, explain, pages)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m workbench", description="For protocol files.")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        command.add(subparsers)
    asked = parser.parse_args(argv)
    try:
        return int(asked.run(asked))
    except CannotRead as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads the output has read enough of it, as `head` has; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
