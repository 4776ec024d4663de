"""The rules of the house that a machine can check: where a line may live, and what may never be written."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chalice.test import Client

from app import app

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED = PROJECT / "chalicelib"
OPEN_TO_ANYONE = {"/healthz"}
CORE_MAY_IMPORT = sys.stdlib_module_names | {"annotated_types"}
# What an operator may do, in whichever room.
BY_HAND = re.compile(r".*\b(outbox|cases|control)\.(again|cancel|lift|pause|redrive|resume)")
CLOCKS = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}
# A machine's folders, a registry's address, a helper: none of them is any reader's business. The first
# letters stand in brackets so that this file keeps its own rule.
NEVER_WRITTEN = re.compile(
    r"(?<![\w.])/([w]ork|[f]arm|[r]oot|[h]ome)/[a-z]"
    r"|(?<!emit-)[i]ndex-url|[p]ypi\.org|[p]ythonhosted|[n]pmjs\.org|[r]egistry=http|[s]ubagent",
    re.IGNORECASE,
)


def modules(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found, f"nothing to check in {folder}"
    return found


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def offences(folder: Path, wrong: Callable[[ast.AST], bool], *, allowed: str = "") -> list[str]:
    """Say where, in every module but the `allowed` one, a node of the syntax tree is wrong."""
    return [
        f"{path.relative_to(PROJECT)}:{node.lineno}: {ast.unparse(node)}"
        for path in modules(folder)
        if path.relative_to(folder).as_posix() != allowed
        for node in ast.walk(tree(path))
        if wrong(node)
    ]


def imports(path: Path) -> Iterator[str]:
    """Every name that a module imports, in full: `from a.b import c` is a.b.c."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{name.name}" for name in names)


def test_the_core_imports_the_standard_library_and_itself():
    strangers = [
        f"{path.name}: {name}"
        for path in modules(SHIPPED / "core")
        for name in imports(path)
        if name.split(".")[0] not in CORE_MAY_IMPORT and not name.startswith("chalicelib.core.")
    ]

    assert strangers == []


def test_the_front_of_house_only_registers_doors():
    strangers = [
        name
        for name in imports(PROJECT / "app.py")
        if not name.startswith(("chalice.app.", "chalicelib.entrypoints."))
    ]

    assert strangers == []


def test_the_clock_is_read_in_one_file():
    def reads_the_clock(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).split(".")[-2:]) in CLOCKS

    assert offences(SHIPPED, reads_the_clock, allowed="clock.py") == []


def test_the_environment_is_read_in_one_place():
    def reads_the_environment(node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv"):
                return True
            case ast.ImportFrom(module="os", names=names):
                return any(name.name in {"environ", "getenv"} for name in names)
        return False

    assert offences(SHIPPED, reads_the_environment, allowed="config.py") == []


def test_no_table_is_scanned():
    def scans(node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(attr="scan" | "rate_limited_scan" | "parallel_scan")):
                return True
            case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value="scan")]):
                return True
        return False

    assert offences(SHIPPED, scans) == []


def test_doubles_are_passed_in_and_never_patched_in():
    def patches(node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr" | "setitem"):
                return True
            case ast.Import(names=names):
                return any(name.name in {"mock", "unittest.mock"} for name in names)
            case ast.ImportFrom(module="mock" | "unittest.mock"):
                return True
            case ast.ImportFrom(module="unittest", names=names):
                return any(name.name == "mock" for name in names)
            case ast.arg(arg="mocker"):
                return True
        return False

    assert offences(PROJECT / "tests", patches) == []


def test_nothing_is_done_by_hand_without_an_entry_in_the_audit():
    """Where the doors and the command line come through, every such change is stored with its deed."""

    def goes_unrecorded(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = [node.func, *node.args[:1]]  # `partial(outbox.pause, …)` calls it too
        by_hand = any(BY_HAND.fullmatch(ast.unparse(each)) for each in called)
        return by_hand and not re.search(r"\bdeed\b", ast.unparse(node))

    doors = [
        *modules(SHIPPED / "entrypoints"),
        *sorted(SHIPPED.glob("*.py")),
        PROJECT / "infra/undelivered.py",
    ]
    calls = [node for path in doors for node in ast.walk(tree(path))]

    assert [ast.unparse(node) for node in calls if goes_unrecorded(node)] == []
    assert goes_unrecorded(ast.parse("ports.outbox.again('m-1', now)", mode="eval").body)
    assert goes_unrecorded(ast.parse("partial(ports.outbox.pause, by)", mode="eval").body)


def test_every_channel_is_registered_in_wiring():
    registered = set(imports(SHIPPED / "wiring.py"))

    forgotten = [
        path.stem
        for path in modules(SHIPPED / "channels")
        if keeps_the_promise(path)
        and not any(f"{name}.".startswith(f"chalicelib.channels.{path.stem}.") for name in registered)
    ]

    assert forgotten == []


def keeps_the_promise(path: Path) -> bool:
    """Whether a module defines a class with a `send` method: that is what a channel is."""
    return any(
        isinstance(method, ast.FunctionDef) and method.name == "send"
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
        for method in node.body
    )


def test_every_route_but_the_open_ones_refuses_whoever_brings_no_credential():
    doors = [(method, path) for path, methods in app.routes.items() for method in methods]
    closed = [(method, path) for method, path in doors if path not in OPEN_TO_ANYONE]

    answers = {door: status_for_a_stranger(*door) for door in closed}

    assert answers
    assert {door: status for door, status in answers.items() if status != 401} == {}


def status_for_a_stranger(method: str, path: str) -> int:
    with Client(app) as client:
        answer = client.http.request(
            method, re.sub(r"\{\w+\}", "x", path), headers={"Content-Type": "application/json"}, body=b"{}"
        )
    return int(answer.status_code)


def test_what_is_open_to_anyone_is_still_there():
    assert set(app.routes) >= OPEN_TO_ANYONE


def test_no_schedule_waits_for_an_hour_that_in_summer_is_tomorrow_in_london(package):
    schedules = re.findall(r"\b(?:rate|cron)\([^)]*\)", package.template.read_text())

    assert schedules
    assert [schedule for schedule in schedules if only_in_the_last_hour(schedule)] == []


def only_in_the_last_hour(schedule: str) -> bool:
    """Whether a schedule fires between 23:00 and midnight UTC and at no other hour."""
    hours = re.fullmatch(r"cron\(\S+ (\S+) \S+ \S+ \S+ \S+\)", schedule)
    return bool(hours) and set(re.split(r"[,-]", hours[1])) == {"23"}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("rate(5 minutes)", False),
        ("cron(0 23 * * ? *)", True),
        ("cron(0/5 23-23 * * ? *)", True),
        ("cron(0 6,23 * * ? *)", False),
        ("cron(0 * * * ? *)", False),
    ],
)
def test_the_last_hour_is_recognised_however_it_is_written(schedule, expected):
    assert only_in_the_last_hour(schedule) is expected


def test_nothing_written_here_names_a_machine_a_registry_or_a_tool():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [PROJECT / name for name in listed.stdout.splitlines()]

    named = [
        f"{path.relative_to(PROJECT)}: {found[0]}"
        for path in paths
        if path.is_file() and (found := NEVER_WRITTEN.search(path.read_text(errors="replace")))
    ]

    assert paths
    assert named == []
