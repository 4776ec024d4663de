"""What the corridor needs from a room, and the values that pass between them.

Moments are aware UTC datetimes. `typing.Protocol` is written in full throughout: plain Protocol
is the authority's.
"""

from chalicelib.ports.access import Access, Authority, Credential, Integration
from chalicelib.ports.acts import NOT_HANDLED, SENDING, Act, Deed, Door, What, fingerprint
from chalicelib.ports.calendars import Calendars, Edition, Feed, Snapshot, Walk
from chalicelib.ports.cases import CaseRow, Cases, Commit, Entry, JournalRow, MeetingRow, TaskRow
from chalicelib.ports.channels import Channel, Letter
from chalicelib.ports.contacts import Contacts, Cover, Person, RoleContact
from chalicelib.ports.messages import NOBODYS, UNDELIVERED, Message, MessageState, Outbox, Posted
from chalicelib.ports.paging import Page, Row
from chalicelib.ports.receipts import Receipt
from chalicelib.ports.upkeep import AsideRow, Round, TickRun

__all__ = [
    "NOBODYS",
    "NOT_HANDLED",
    "SENDING",
    "UNDELIVERED",
    "Access",
    "Act",
    "AsideRow",
    "Authority",
    "Calendars",
    "CaseRow",
    "Cases",
    "Channel",
    "Commit",
    "Contacts",
    "Cover",
    "Credential",
    "Deed",
    "Door",
    "Edition",
    "Entry",
    "Feed",
    "Integration",
    "JournalRow",
    "Letter",
    "MeetingRow",
    "Message",
    "MessageState",
    "Outbox",
    "Page",
    "Person",
    "Posted",
    "Receipt",
    "RoleContact",
    "Round",
    "Row",
    "Snapshot",
    "TaskRow",
    "TickRun",
    "Walk",
    "What",
    "fingerprint",
]
