"""Adding an authority is one file: the document that says how is followed to the letter."""

import json
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import parse, reading, service
from chalicelib.core.errors import Tripped
from chalicelib.core.facts import ReferralReceived
from chalicelib.meaning import Vocabulary
from chalicelib.protocol_files import SHIPPED, Shelf
from infra import operate
from infra.operating import Desk
from tests.builders import moment
from tests.council import Council
from tests.tables import make_tables
from tests.walkthrough import (
    Block,
    Command,
    Spoken,
    answers_as_shown,
    blocks,
    commands,
    mend,
    prints_as_shown,
    spoken,
    write,
)
from workbench import __main__ as workbench

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "add-an-authority.md").read_text(
    encoding="utf-8"
)
SHELF = "chalicelib/protocols"
AUTHORITY = "fernhollow"
STARTS = moment("Thu 1 Oct 2026 09:12")


@dataclass
class Reader:
    """Somebody who does what a document says, in a folder with a shelf in it and a stage without people."""

    folder: Path
    output: pytest.CaptureFixture[str]
    now: datetime = STARTS
    case_id: str = ""
    answer: tuple[int, Any] = (0, None)
    wrong: list[str] = field(default_factory=list)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.folder / SHELF)

    def follow(self, document: str) -> None:
        for block in blocks(document):
            self._do(block)

    def _do(self, block: Block) -> None:
        match block.language, block.words:
            case "toml", _:
                write(block, self.folder)
            case "diff", _:
                mend(block, self.folder)
            case "console", ():
                for command in commands(block):
                    self._run(command, block.line)
            case "http", ():
                self._talk(spoken(block), block.line)
            case _:
                raise AssertionError(f"line {block.line}: nobody knows what to do with this block")

    # --- commands -----------------------------------------------------------------------

    def _run(self, command: Command, line: int) -> None:
        match shlex.split(command.words):
            case ["mv", name, folder]:
                (self.folder / name).replace(self.folder / folder / name)
            case [".venv/bin/python", "-m", "workbench", *words]:
                workbench.main(words)
            case [".venv/bin/python", "-m", "infra.operate", *words]:
                assert operate.main(words, sit=self._sit) == 0
            case _:
                raise AssertionError(f"line {line}: nobody knows the command {command.words}")
        printed = "".join(self.output.readouterr())
        if not prints_as_shown(command.printed, printed):
            self.wrong.append(f"line {line}: {command.words}\nprints\n{printed}")

    def _sit(self, stage: str, _region: str | None) -> Desk:
        desk = Desk(stage=stage, clients=boto3.client, now=self.now, say=print, shelf=self.shelf)
        desk.bind()
        return desk

    # --- requests -----------------------------------------------------------------------

    def _talk(self, said: Spoken, line: int) -> None:
        if not said.is_answer:
            self.answer = self._send(said.first, said.second, said.body)
            return
        status, body = self.answer
        if int(said.second) != status or not answers_as_shown(json.loads(said.body), body):
            answered = json.dumps(body, indent=1, ensure_ascii=False)
            self.wrong.append(f"line {line}: what comes back is {status}\n{answered}")

    def _send(self, method: str, path: str, body: str) -> tuple[int, Any]:
        """Go through the corridor as the door would, a minute after the last request."""
        self.now += timedelta(minutes=1)
        council = Council()
        council.ports = self._sit("production", None).ports()
        if method == "GET":
            return 200, _as_json(reading.obligations(AUTHORITY, self.case_id, council.ports))
        kind = "referral_received" if path == "/v1/referrals" else path.rpartition("/")[2]
        words = Vocabulary.of(council.ports.protocols.load(each) for each in self._protocols(council))
        fact = parse.fact(kind, body.encode(), self.now, words)
        incoming = council.incoming(
            authority=AUTHORITY, key=f"api|{self.now}", fact_json=body, learned_at=self.now
        )
        if isinstance(fact, ReferralReceived):
            answer = council.answer(service.open_case(fact, incoming, council.ports))
            self.case_id = answer["case_id"]
            return 201, answer
        corridor = service.propose if "/proposals/" in path else service.record
        try:
            return 201, council.answer(corridor(self.case_id, fact, incoming, council.ports))
        except Tripped as tripped:
            return 409, _as_json({"reasons": list(tripped.reasons)})

    @staticmethod
    def _protocols(council: Council) -> tuple[str, ...]:
        known = council.ports.access.authority(AUTHORITY)
        assert known is not None
        return known.protocols


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.fixture
def reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Reader]:
    shutil.copytree(SHIPPED, tmp_path / SHELF)
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        make_tables("production")
        yield Reader(folder=tmp_path, output=capsys)


def test_what_the_document_says_is_what_happens(reader: Reader) -> None:
    reader.follow(DOCUMENT)

    assert "\n\n".join(reader.wrong) == ""


def test_neither_the_common_words_nor_any_code_knows_the_new_word() -> None:
    project = SHIPPED.parent.parent
    code = [
        path for folder in ("chalicelib", "workbench", "infra") for path in (project / folder).rglob("*.py")
    ]

    assert "mediation_offered" in DOCUMENT
    assert not [
        path.name
        for path in (SHIPPED / "words.toml", *code)
        if "mediation_offered" in path.read_text(encoding="utf-8")
    ]


# --- the test itself: what is not as shown is noticed ----------------------------------------


def test_an_output_is_compared_line_by_line_but_for_what_is_left_out() -> None:
    printed = "one\ntwo\nthree\n"

    assert prints_as_shown("one\ntwo\nthree\n", printed)
    assert prints_as_shown("one\n…\n", printed)
    assert prints_as_shown("…\nthree\n", printed)
    assert prints_as_shown("one\nt…\nth…\n", printed)
    assert not prints_as_shown("one\nt…\n", printed)
    assert not prints_as_shown("one\nthree\n", printed)
    assert not prints_as_shown("one\n…\ntwo\n", printed)
    assert not prints_as_shown("", printed)


def test_an_answer_has_what_is_shown_of_it_and_may_have_more() -> None:
    answered = {"what": "met", "items": [{"clause": "FH-01", "id": "o-1"}, {"clause": "FH-02"}]}

    assert answers_as_shown({"what": "met"}, answered)
    assert answers_as_shown({"items": [{"clause": "FH-01"}, {}]}, answered)
    assert answers_as_shown({"items": ["…", {"clause": "FH-02"}]}, answered)
    assert not answers_as_shown({"items": [{"clause": "FH-01"}]}, answered)
    assert not answers_as_shown({"items": [{"clause": "FH-02"}, "…"]}, answered)
    assert not answers_as_shown({"due_on": None}, answered)


def test_a_document_that_shows_something_else_is_found_out(reader: Reader) -> None:
    wrong = DOCUMENT.replace("found state open, due_on Tue 6 Oct", "found state open, due_on Mon 5 Oct")
    wrong = wrong.replace('"changes": [{"what": "met", "clause": "FH-01"}]', '"changes": []')

    reader.follow(wrong)

    assert len(reader.wrong) == 2


def test_what_is_to_be_mended_has_to_be_there_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("one = 1\none = 1\n")
    (mistaken,) = blocks("```diff a.toml\n-one = 1\n+one = 2\n```\n")

    with pytest.raises(ValueError, match="2 places to mend"):
        mend(mistaken, tmp_path)
