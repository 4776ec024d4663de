"""Another process: it has the same rooms, and remembers what was so when it last looked."""

from dataclasses import replace

from typing_extensions import override

from chalicelib.ports import Authority, Edition, Snapshot
from chalicelib.visits import Ports
from tests.doubles import MemoryAccess, MemoryCalendars


class RememberingCalendars(MemoryCalendars):
    """The same calendars. What is in force is looked at again only where that is asked for."""

    def __init__(self, stored: MemoryCalendars) -> None:
        vars(self).update(vars(stored))
        self.remembered = dict(stored.present)
        self.learned = stored.snapshot()

    @override
    def snapshot(self) -> Snapshot | None:
        return self.learned

    @override
    def snapshot_now(self) -> Snapshot | None:
        self.learned = super().snapshot_now()
        return self.learned

    @override
    def in_force(self, authority: str) -> Edition | None:
        return self.edition(authority, self.remembered.get(authority, ""))

    @override
    def in_force_now(self, authority: str) -> Edition | None:
        self.remembered = dict(self.present)
        return self.in_force(authority)


class RememberingAccess(MemoryAccess):
    """The same authorities, each as it was until it is asked for as it is now."""

    def __init__(self, stored: MemoryAccess) -> None:
        vars(self).update(vars(stored))
        self.remembered = dict(stored.known)

    @override
    def authority(self, authority: str) -> Authority | None:
        return self.remembered.get(authority)

    @override
    def authority_now(self, authority: str) -> Authority | None:
        self.remembered = dict(self.known)
        return self.authority(authority)


def another_process(ports: Ports) -> Ports:
    """Return the rooms as another process has them, which knows of nothing that comes from now on."""
    assert isinstance(ports.calendars, MemoryCalendars)
    assert isinstance(ports.access, MemoryAccess)
    return replace(
        ports, calendars=RememberingCalendars(ports.calendars), access=RememberingAccess(ports.access)
    )
