"""Riverbank Council, which does not exist: its people, its roles and how they are reached.

Addresses end in .example, where no letter can arrive. Each of its cases follows two protocols: Tower
Hamlets' on support meetings and a manual's chapter on placement planning.
"""

from collections.abc import Iterator, Mapping

from chalicelib.ports import Authority, Person, RoleContact

ID = "riverbank"
SUPPORT, PLANNING = "tower-hamlets-2026-01-01", "placement-planning-2026-01-01"
COUNCIL = Authority(id=ID, name="Riverbank Council", protocols=(SUPPORT, PLANNING))
# The roles that listen on a topic as well as by e-mail, when it cannot wait.
TOPICS = ("cpt", "gm_iro")
AT_ONCE = {"now": ("email", "topic")}

# person, manager, roles held in the council
PEOPLE: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
    ("iro.okafor", "gm.lindqvist", ("iro",)),
    ("sw.brandt", "tm.ferreira", ("social_worker",)),
    ("tm.ferreira", "gm.adeyemi", ("team_manager",)),
    ("pm.sorensen", "gm.adeyemi", ("practice_manager",)),
    ("ssw.halloran", "fm.novak", ("supervising_social_worker",)),
    ("fm.novak", "sm.whitlock", ("fostering_manager",)),
    ("po.eriksen", "gm.castellan", ("cpt_with_authority",)),
    ("gm.lindqvist", "sm.whitlock", ("gm_iro",)),
    ("gm.adeyemi", "sm.whitlock", ("gm_social_work",)),
    ("gm.castellan", "sm.whitlock", ("gm_cpt",)),
    ("sm.whitlock", None, ("service_manager",)),
)
# Mailboxes, and who answers for each.
MAILBOXES = {
    "cpt": "gm.castellan",
    "administrator": "sm.whitlock",
    "social_work_team": "tm.ferreira",
    "fostering_adoption_team": "fm.novak",
    # Carers have no account: their own service passes on what is theirs to do.
    "manager_or_carer": "fm.novak",
}
HELD = ("gm_iro", "gm_social_work", "gm_cpt", "service_manager", "fostering_manager")

# Who plays which role in the story; a role that is only a mailbox plays itself.
CAST = {role: person for person, _, held in PEOPLE for role in held}

REFERRAL = {
    "authority": ID,
    "child_reference": "RB-1042",
    "placement_id": "RB-P-77",
    "placement_type": "foster",
    "legal_status": "section_20",
    "change": "unplanned",
    "reasons": ["carer_difficulty"],
    "allocations": {"iro": "iro.okafor", "social_worker": "sw.brandt", "team_manager": "tm.ferreira"},
}


def people() -> Iterator[Person]:
    """Give everybody who can be told, a manager before those they manage."""
    for person, manager, roles in reversed(PEOPLE):
        yield Person(authority=ID, id=person, email=address(person), manager=manager, roles=roles)


def roles(topics: Mapping[str, str]) -> Iterator[RoleContact]:
    """Give how each role held by the council is reached; `topics` are addresses by role."""
    holders = {role: person for person, _, held in PEOPLE for role in held if role in HELD}
    for role in (*MAILBOXES, *HELD):
        topic = topics.get(role)
        yield RoleContact(
            authority=ID,
            role=role,
            person_id=holders.get(role),
            email=None if role in holders else address(role.replace("_", "-")),
            topic=topic,
            manager=MAILBOXES.get(role),
            channels=AT_ONCE if topic else {},
        )


def address(mailbox: str) -> str:
    """Return an address of the council's."""
    return f"{mailbox}@riverbank.example"
