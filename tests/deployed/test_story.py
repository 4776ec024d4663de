"""The story that `make demo` plays, told to the stack that the tests deployed."""

from chalicelib.clock import today
from infra.demo import admitted
from infra.gazette import in_place_of_gov_uk
from infra.story import Teller
from tests.deployed.deployed import Service


def test_the_whole_story_comes_out_as_it_is_told(service: Service) -> None:
    said: list[str] = []
    endpoint, stage = service.emulator.endpoint, service.stack.stage
    with admitted(endpoint, stage) as player, in_place_of_gov_uk(service.stack) as gazette:
        player.say = said.append
        teller = Teller(player=player, today=today(), gazette=gazette)

        teller.whole()

    # Every chapter insists on its own outcome; no letter and no notice says a word about the child.
    letters = [line for line in said if "✉" in line or "☷" in line]
    assert len(letters) > 30
    assert not [line for line in letters if "RB-" in line or "P-77" in line]
