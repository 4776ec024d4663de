"""The story that `make demo` plays, told to the stack that the tests deployed."""

from chalicelib.clock import today
from infra.demo import admitted
from infra.story import Teller
from tests.deployed.deployed import Service


def test_the_whole_story_comes_out_as_it_is_told(service: Service) -> None:
    said: list[str] = []
    with admitted(service.emulator.endpoint, service.stack.stage) as player:
        player.say = said.append
        teller = Teller(player=player, today=today())

        teller.whole()

    # Every chapter insists on its own outcome; no letter and no notice says a word about the child.
    letters = [line for line in said if "✉" in line or "☷" in line]
    assert len(letters) > 30
    assert not [line for line in letters if "RB-" in line or "P-77" in line]
