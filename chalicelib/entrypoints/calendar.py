"""The doors to the calendar: where so many days lead, and how a deadline was counted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import answers_plainly, shown
from chalicelib.entrypoints.pictures import drawn, wants_picture

if TYPE_CHECKING:
    from chalicelib.calendar_picture.span import Span

calendar = Blueprint(__name__)


@calendar.route("/v1/working-days", methods=["GET"])
@answers_plainly
def count_days() -> Response:
    """Say to which day so many lead, or how many there are to another, and what each is; or draw it."""
    # Imported here, as below: whoever sends a fact need not wait for what answers this.
    from chalicelib.day_counts import answer, question, telling

    caller = requests.admitted(calendar.current_request, Scope.CALENDAR_READ)
    asked = question.read_question(_parameters())
    found = answer.answer(asked, caller.authority, wiring.ports())
    return _answered(telling.told(found), telling.drawn(found))


@calendar.route("/v1/cases/{case_id}/obligations/{duty_id}/days", methods=["GET"])
@answers_plainly
def show_days_of_duty(case_id: str, duty_id: str) -> Response:
    """Show how the date of one duty was counted, or draw it."""
    from chalicelib.day_counts import duty

    caller = requests.admitted(calendar.current_request, Scope.CASES_READ)
    found = duty.counted(caller.authority, requests.known_id(case_id), duty_id, wiring.ports())
    return _answered(duty.told(found), duty.drawn(found))


def _parameters() -> Mapping[str, Sequence[str]]:
    given = calendar.current_request.query_params
    return {name: given.getlist(name) for name in given} if given else {}


def _answered(told: Mapping[str, object], span: "Span") -> Response:
    if not wants_picture(calendar.current_request):
        return shown(told)
    from chalicelib.calendar_picture.drawing import draw

    return drawn(draw(span))
