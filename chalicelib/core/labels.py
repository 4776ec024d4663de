"""How a file calls its words, put so that they can stand in a sentence."""

from collections.abc import Iterable, Sequence

from chalicelib.core.protocol import Protocol

# Labels that bring their own article, or need none.
ARTICLES = ("the ", "a ", "an ", "another ", "each ", "every", "whoever ", "somebody ", "all ")
VOWELS = tuple("aeiouAEIOU")
UNKNOWN = "unknown"
# Fields of a fact as they read after `with`, where their names would not do.
FIELDS = {
    "planned_for": "a planned date",
    "because": "a reason in words",
    "outcome": "an outcome",
    "chair": "a chair",
    "invited": "the people invited",
    "by": "whoever did it",
    "signed_by": "signatures",
}


def listed(phrases: Sequence[str], last: str = "or") -> str:
    """Return phrases as one list: `A, B or C`; where one of them has a comma, `A, a; B; or C`."""
    if len(phrases) < 2:
        return "".join(phrases)
    if any(", " in each for each in phrases):
        return f"{'; '.join(phrases[:-1])}; {last} {phrases[-1]}"
    return f"{', '.join(phrases[:-1])} {last} {phrases[-1]}"


def strung(phrases: Sequence[str]) -> str:
    """Return phrases one after another: with commas, or semicolons where one of them has a comma."""
    return ("; " if any(", " in each for each in phrases) else ", ").join(phrases)


def with_article(label: str) -> str:
    """Return a label with the article that it reads with: `an IRO challenge`."""
    return label if label.startswith(ARTICLES) else f"{'an' if label.startswith(VOWELS) else 'a'} {label}"


def with_the(label: str) -> str:
    """Return a label as one that is known: `the team manager`, and `a parent` as it is."""
    return label if label.startswith(ARTICLES) else f"the {label}"


def label_of(field: str, word: str, protocol: Protocol) -> str:
    """Return how a file calls a word of a field, of a detail, or a role."""
    labels = protocol.words.get(field, {})
    if word in labels:
        return labels[word]
    return protocol.roles[word].label if word in protocol.roles else word.replace("_", " ")


def in_order(field: str, words: Iterable[str], protocol: Protocol) -> list[str]:
    """Return words in the order in which they are declared; what was never recorded comes last."""
    declared = list(protocol.words.get(field, protocol.roles))
    return sorted(words, key=lambda word: (declared.index(word) if word in declared else len(declared), word))


def said_role(role: str, protocol: Protocol) -> str:
    """Return a role as it reads in a sentence: `the team manager`, `a parent`."""
    return with_the(label_of("by", role, protocol))


def said_roles(roles: Iterable[str], protocol: Protocol, last: str = "or") -> str:
    """Return roles as one list: `the team manager or the practice manager`."""
    return listed([said_role(role, protocol) for role in roles], last)


def quoted(field: str, words: Iterable[str], protocol: Protocol, last: str = "or") -> str:
    """Return words by their labels, in quotation marks."""
    return listed([f"“{label_of(field, word, protocol)}”" for word in words], last)


def said_detail(detail: str, words: Iterable[str], protocol: Protocol) -> str:
    """Return what a detail of the case may be: `foster placement or not recorded`."""
    ordered = in_order(detail, words, protocol)
    return listed(
        ["not recorded" if word == UNKNOWN else label_of(detail, word, protocol) for word in ordered]
    )


def said_part(name: str, protocol: Protocol) -> str:
    """Return a part of a record, or a field of a fact, as it reads in a sentence."""
    part = protocol.parts.get(name)
    if part is not None and part.label:
        return part.label
    return FIELDS.get(name, name.replace("_", " "))


def said_field(name: str, protocol: Protocol) -> str:
    """Return what a fact has, as it reads after `with`: its own field first, else a part of a record."""
    return FIELDS[name] if name in FIELDS else said_part(name, protocol)
