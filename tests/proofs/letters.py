"""Every letter that leaves in a storm: whether it was right that it did, and what SES tells of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from chalicelib.store.control import address_key
from tests.proofs.post_office import Posted, event_of, refusal_of
from tests.proofs.weather import Weather
from tests.proofs.world import World


@dataclass
class Letters:
    """What is known of the letters of one storm. Nobody could know yet of those that are `unsure`."""

    world: World
    weather: Weather
    chance: Random
    told_of: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    mails_twice: int = 0
    notices_twice: int = 0
    paused: bool = False

    def watch(self, deed: Callable[[], object]) -> None:
        """Do something, and look at every letter that was taken meanwhile."""
        faults = self.weather.faults.total()
        before, refusing = len(self.world.outside.posted), self.world.stored.refusing()
        deed()
        failed = self.weather.faults.total() > faults
        for letter in self.world.outside.posted[before:]:
            if address_key(letter.address) in refusing:
                self.wrong.append(f"{letter.message_id} was sent to an address that was known to refuse mail")
            self._taken(letter, failed=failed)
        self._known_by_now()

    def _taken(self, letter: Posted, *, failed: bool) -> None:
        """Judge a letter: a second one is right only where nobody could know of the first."""
        message_id = letter.message_id
        if self.paused:
            self.wrong.append(f"{message_id} was sent though sending was paused")
        if message_id in self.told_of:
            if message_id not in self.unsure:
                self.wrong.append(f"{message_id} was sent again though it was known to be sent")
            self.mails_twice += letter.channel == "email"
            self.notices_twice += letter.channel == "topic"
        self.told_of.add(message_id)
        if failed:
            self.unsure.add(message_id)
        if letter.channel == "email":
            self.world.outside.events += self._told_of(letter)

    def _told_of(self, letter: Posted) -> list[str]:
        """Return what SES tells of a letter, in any order."""
        now, drawn = self.world.outside.now, self.chance.random()
        told = [event_of(letter, "Send", now)]
        if self.chance.random() < 0.08:
            told.append(event_of(letter, "DeliveryDelay", now))
        if drawn < 0.84:
            told.append(event_of(letter, "Delivery", now))
        elif drawn < 0.9:
            told.append(event_of(letter, "Bounce", now, bounceType="Transient"))
        else:
            told.append(refusal_of(letter, "Bounce" if drawn < 0.96 else "Complaint", now))
        self.chance.shuffle(told)
        return told

    def _known_by_now(self) -> None:
        """What is known in the outbox is known: from then on no second letter is right."""
        if self.unsure:
            states = self.world.stored.states()
            self.unsure -= {each for each in self.unsure if states[each] not in ("PENDING", "SENDING")}
