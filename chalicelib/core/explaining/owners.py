"""Who owes a duty, and by which rule it is theirs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.core.case import Duty
from chalicelib.core.effects import Obligation
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.labels import label_of, listed, said_role
from chalicelib.core.matching import BUILT_IN, View

# How it is theirs, as it reads behind the role.
HOW = {
    "named_by_meeting": "as the meeting names them",
    "until_named": "until the meeting names somebody",
    "allocated": "as the case allocates it",
    "member": "as a member of it whom the case allocates",
    "means": "which is what that role means here",
    "outside": "taken as named",
    "not_allocated": "whoever holds that post: the case allocates nobody to it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One role that owes a duty; `acts_as` is the role of the person who fills it, `how` says why."""

    role: str
    how: str
    acts_as: str
    person_id: str | None = None


def owners_of(duty: Duty, obligation: Obligation, view: View) -> tuple[Owner, ...]:
    """Return everybody any of whom owes a duty, as the case allocates them in the end."""
    allocated = view.history.allocations(date.max)
    return tuple(_owner(role, duty, obligation, view, allocated) for role in duty.owner)


def _owner(role: str, duty: Duty, obligation: Obligation, view: View, allocated: Mapping[str, str]) -> Owner:
    if role in duty.named:
        return Owner(role=role, how="named_by_meeting", acts_as=role, person_id=duty.named[role])
    filled = _filled(role, view, allocated)
    if role in obligation.owner:
        return filled
    # It came in the place of a role that the meeting fills.
    built_in = (view.protocol.roles[each] for each in obligation.owner if each in BUILT_IN)
    how = "until_named" if any(word.until_named == role for word in built_in) else "named_by_meeting"
    return Owner(role=role, how=how, acts_as=filled.acts_as, person_id=filled.person_id)


def _filled(role: str, view: View, allocated: Mapping[str, str]) -> Owner:
    word = view.protocol.roles.get(role)
    for member in view.protocol.members(role):
        if member in allocated:
            how = "allocated" if member == role else "member" if word and member in word.members else "means"
            return Owner(role=role, how=how, acts_as=member, person_id=allocated[member])
    how = "outside" if word and word.outside else "not_allocated"
    return Owner(role=role, how=how, acts_as=role)


def about_owner(owner: Owner, view: View) -> Explained:
    """Return an owner as data."""
    word = view.protocol.roles.get(owner.role)
    return {
        "role": owner.role,
        "label": label_of("by", owner.role, view.protocol),
        "person_id": owner.person_id,
        "acts_as": owner.acts_as,
        "how": owner.how,
        "unclear": word.unclear if word else None,
    }


def said_owners(owners: tuple[Owner, ...], view: View) -> Iterator[str]:
    """Yield who owes it and by which rule, and what the text leaves unclear about that."""
    if not owners:
        return
    yield f"Owed by {listed([said_owner(each, view) for each in owners])}."
    for owner in owners:
        role = said_role(owner.role, view.protocol)
        if owner.how == "until_named":
            yield f"No meeting has named who is to do it: until then it is for {role}."
        word = view.protocol.roles.get(owner.role)
        if word and word.unclear:
            means = f" Filled here by {said_role(word.means, view.protocol)}." if word.means else ""
            yield f"Who {role} is, the text leaves open: {word.unclear.rstrip('.')}.{means}"


def said_owner(owner: Owner, view: View) -> str:
    """Return one owner: `the social work team (p-sw as social worker)`."""
    role = said_role(owner.role, view.protocol)
    if owner.person_id is None:
        return role
    acts_as = f" as {label_of('by', owner.acts_as, view.protocol)}" if owner.acts_as != owner.role else ""
    return f"{role} ({owner.person_id}{acts_as})"
