"""What is stored, looked at while nothing goes wrong, however the weather is."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.ports import Message
from chalicelib.store.control import ADDRESS
from chalicelib.store.items import OutboxItem
from chalicelib.store.messages import MESSAGE, message_of
from tests.proofs.engines import Engine, Faults, Item


@dataclass(frozen=True, slots=True)
class Stored:
    """The tables of a world."""

    engine: Engine
    faults: Faults

    def everything(self, table: str) -> Sequence[Item]:
        """Return all that a table holds."""
        was, self.faults.armed = self.faults.armed, False
        try:
            return self.engine.everything(table)
        finally:
            self.faults.armed = was

    def rows(self) -> Sequence[Item]:
        """Return every message there is, as it is stored."""
        return [item for item in self.everything("outbox") if item["sk"]["S"] == MESSAGE]

    def messages(self) -> list[Message]:
        """Return every message there is, first made first."""
        found = [message_of(OutboxItem.from_raw_data(dict(row))) for row in self.rows()]
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def states(self) -> dict[str, str]:
        """Return how far each message has come, by its id."""
        return {str(row["pk"]["S"].removeprefix("MSG#")): row["state"]["S"] for row in self.rows()}

    def ids(self) -> set[str]:
        """Return the ids of all messages that were ever put in."""
        return set(self.states())

    def queued(self) -> list[str]:
        """Return which messages stand in a queue."""
        return [row["pk"]["S"] for row in self.rows() if "queue" in row]

    def attempts(self) -> list[str]:
        """Return the moments at which something is to be tried, first come first."""
        return sorted(row["next_attempt_at"]["S"] for row in self.rows() if "next_attempt_at" in row)

    def refusing(self) -> set[str]:
        """Return the keys of the addresses that are known to refuse mail."""
        rows = self.everything("outbox")
        return {row["pk"]["S"] for row in rows if row["sk"]["S"] == ADDRESS and row["in_force"]["BOOL"]}
