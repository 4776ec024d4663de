"""What the proofs measured, said at the end of the run that measured it."""

SAID: list[str] = []


def say(line: str) -> None:
    """Keep one line for the end."""
    SAID.append(line)
