"""The words that a file may use: common ones, and its own on top."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.core.protocol import RoleWord

PEOPLE = frozenset({"by", "to", "chair", "present", "invited", "signed_by"})
WORD_FIELDS = frozenset(
    {"meeting", "document", "step", "decision", "process", "reasons", "outcome", "manner"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Roles, words by the field that holds them, and the words of a detail by its name.

    `of_placement` are the details that belong to one placement and say nothing of the next.
    """

    roles: Mapping[str, RoleWord] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    of_placement: frozenset[str] = frozenset()

    def of_field(self, name: str) -> frozenset[str]:
        """Return the words that a field may hold: for people, roles."""
        return frozenset(self.roles if name in PEOPLE else self.words.get(name, ()))

    def with_(self, other: "Vocabulary") -> "Vocabulary":
        """Return these words and others on top."""
        return Vocabulary(
            roles={**self.roles, **other.roles},
            words=_joined(self.words, other.words),
            details=_joined(self.details, other.details),
            of_placement=self.of_placement | other.of_placement,
        )


def _joined(
    ours: Mapping[str, Mapping[str, str]], theirs: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    names = dict.fromkeys([*ours, *theirs])
    return {name: {**ours.get(name, {}), **theirs.get(name, {})} for name in names}
