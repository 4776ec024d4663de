"""DynamoDB's condition and update expressions, as far as the store writes them; anything else is refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Item = dict[str, Any]
Test = Callable[[Item], bool]

TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),]|[#:]?\w+(?:\.#?\w+)*)")
COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


class NotUnderstood(BaseException):
    """What the store asked is not known here; no `except Exception` of its own may hide that."""


class Reader:
    """Reads one expression; names and values are those that come with it."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._tokens = TOKEN.findall(text)
        _understood("".join(self._tokens) == re.sub(r"\s", "", text), text)
        self._names, self._values = names, values

    def condition(self) -> Test:
        """Read a whole condition."""
        found = self._either()
        _understood(not self._tokens, f"left over: {self._tokens}")
        return found

    def update(self) -> Callable[[Item], None]:
        """Read a whole update: SET and REMOVE."""
        steps: list[Callable[[Item], None]] = []
        verb = ""
        while self._tokens:
            if self._next() in ("SET", "REMOVE"):
                verb = self._take()
            elif self._next() == ",":
                self._take()
            name = self._name()
            if verb == "SET":
                self._expect("=")
                steps.append(_setting(name, self._operand()))
            else:
                steps.append(_removing(name))

        def apply(item: Item) -> None:
            for step in steps:
                step(item)

        return apply

    def _either(self) -> Test:
        found = [self._all()]
        while self._next() == "OR":
            self._take()
            found.append(self._all())
        return lambda item: any(test(item) for test in found)

    def _all(self) -> Test:
        found = [self._one()]
        while self._next() == "AND":
            self._take()
            found.append(self._one())
        return lambda item: all(test(item) for test in found)

    def _one(self) -> Test:
        match self._next():
            case "NOT":
                self._take()
                inner = self._one()
                return lambda item: not inner(item)
            case "(":
                self._take()
                inner = self._either()
                self._expect(")")
                return inner
            case "attribute_exists" | "attribute_not_exists":
                wanted = self._take() == "attribute_exists"
                self._expect("(")
                value = self._operand()
                self._expect(")")
                return lambda item: (value(item) is not None) is wanted
            case "begins_with":
                self._take()
                self._expect("(")
                one = self._operand()
                self._expect(",")
                start = self._operand()
                self._expect(")")
                return lambda item: (
                    (value := one(item)) is not None and _plain(value).startswith(_plain(start(item)))
                )
        return self._comparison()

    def _comparison(self) -> Test:
        one, how = self._operand(), self._take()
        if how == "IN":
            self._expect("(")
            several = [self._operand()]
            while self._next() == ",":
                self._take()
                several.append(self._operand())
            self._expect(")")
            return lambda item: one(item) in [each(item) for each in several]
        if how == "BETWEEN":
            low = self._operand()
            self._expect("AND")
            high = self._operand()
            return lambda item: _holds(">=", one(item), low(item)) and _holds("<=", one(item), high(item))
        other = self._operand()
        return lambda item: _holds(how, one(item), other(item))

    def _operand(self) -> Callable[[Item], Any]:
        token = self._take()
        if self._next() == "(":
            return self._function(token)
        if token.startswith(":"):
            return lambda _: self._values[token]
        path = self._path(token)
        return lambda item: _found(item, path)

    def _function(self, name: str) -> Callable[[Item], Any]:
        self._expect("(")
        one = self._operand()
        self._expect(",")
        other = self._operand()
        self._expect(")")
        if name == "if_not_exists":
            return lambda item: other(item) if one(item) is None else one(item)
        _understood(name == "list_append", name)
        return lambda item: {"L": [*one(item)["L"], *other(item)["L"]]}

    def _name(self) -> str:
        (name,) = self._path(self._take())
        return name

    def _path(self, token: str) -> list[str]:
        return [self._names.get(each, each) for each in token.split(".")]

    def _next(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def _take(self) -> str:
        return str(self._tokens.pop(0))

    def _expect(self, token: str) -> None:
        _understood(self._take() == token, f"expected {token} before {self._tokens}")


def _understood(so: bool, what: str) -> None:
    if not so:
        raise NotUnderstood(what)


def _found(item: Item, path: list[str]) -> Any:
    """Follow a path through maps; none where it ends before."""
    found: Any = {"M": item}
    for name in path:
        found = found.get("M", {}).get(name) if found else None
    return found


def _setting(name: str, value: Callable[[Item], Any]) -> Callable[[Item], None]:
    def step(item: Item) -> None:
        item[name] = value(item)

    return step


def _removing(name: str) -> Callable[[Item], None]:
    def step(item: Item) -> None:
        item.pop(name, None)

    return step


def _holds(how: str, one: Any, other: Any) -> bool:
    """Compare two attributes: what is not there compares with nothing, nor do two of different types."""
    if one is None or other is None or one.keys() != other.keys():
        return how == "<>" and one is not None
    return COMPARES[how](_plain(one), _plain(other))


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, plain),) = value.items()
    return float(plain) if kind == "N" else plain
