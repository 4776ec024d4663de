"""A word means one thing in every file: facts on one case are read under several protocols at once."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping

from chalicelib.protocol_files import SHIPPED, Shelf


def own_words(name: str) -> Iterator[tuple[str, str, object]]:
    """Every word that a file declares for itself: the field it is for, the word, what is said of it."""
    table = tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8")).get("words", {})
    for section, words in table.items():
        if section == "of_placement":
            continue
        nested = words.items() if section == "details" else [(section, words)]
        for field, declared in nested:
            yield from ((field, word, said) for word, said in declared.items())


def label(said: object) -> object:
    return said["label"] if isinstance(said, Mapping) else said


def declared() -> Mapping[tuple[str, str], list[object]]:
    found: dict[tuple[str, str], list[object]] = defaultdict(list)
    for name in ("words", *Shelf().ids()):
        for field, word, said in own_words(name):
            found[field, word].append(said)
    return found


def test_a_word_has_one_label_wherever_it_is_declared() -> None:
    for (field, word), said in declared().items():
        assert len({label(each) for each in said}) == 1, f"{field}: {word}"


def test_a_word_that_several_files_use_stands_in_the_common_ones() -> None:
    for (field, word), said in declared().items():
        # A role that one text leaves unclear says there which post fills it, and elsewhere nothing.
        differs = any(isinstance(each, Mapping) and "means" in each for each in said)
        assert len(said) == 1 or differs, f"{field}: {word} belongs in words.toml"
