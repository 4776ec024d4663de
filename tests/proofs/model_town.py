"""Who is who in Oakhaven, and one step from anybody to whoever stands in for them."""

# person: manager, deputy
PEOPLE: dict[str, tuple[str | None, str | None]] = {
    "p-iro": ("p-head", "p-tm"),
    "p-sw": ("p-tm", "p-sw2"),
    "p-sw2": ("p-tm", None),
    "p-tm": ("p-head", None),
    "p-head": (None, None),
}
# A mailbox: its topic where it has one, and who answers for it.
MAILBOXES: dict[str, tuple[str | None, str | None]] = {
    "panel": ("arn:aws:sns:eu-west-2:000000000000:panel", "p-head"),
    "administrator": (None, "p-head"),
}
WORKERS = ("p-sw", "p-sw2")


def reached(person: str | None, to: tuple[str, str], *, of_manager: bool) -> str | None:
    """Return who is told by a role and a route: whoever fills it, their manager or their deputy.

    Counted from the manager where it is `of_manager`. Nobody where the contacts name nobody.
    """
    role, route = to
    if person is None and role not in MAILBOXES:
        return None
    if of_manager:
        person = PEOPLE[person][0] if person else MAILBOXES[role][1]
        if person is None:
            return None
    if person is None:
        return MAILBOXES[role][1] if route == "manager" else None
    manager, deputy = PEOPLE[person]
    return {"self": person, "manager": manager, "deputy": deputy}[route]


def beside(person: str | None, to: tuple[str, str]) -> tuple[str, ...]:
    """Return by which routes others can be told where somebody is not reached, each somebody else."""
    role, route = to
    of_manager = route == "manager"
    missed = reached(person, (role, "self"), of_manager=of_manager)
    if of_manager and missed is None:
        return ()
    ways: dict[str, str] = {}
    for way in ("deputy", "manager"):
        other = reached(person, (role, way), of_manager=of_manager)
        if other and other != missed:
            ways.setdefault(other, way)
    return tuple(ways.values())
