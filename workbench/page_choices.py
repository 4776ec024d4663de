"""What a protocol's page says of the silences of its text: what was chosen, why, and what else there is."""

from collections.abc import Iterator, Sequence

from chalicelib.core.protocol import Protocol
from chalicelib.protocol_reading.settings import SILENCES
from workbench.design.silences import ABOUT
from workbench.markdown import heading
from workbench.rendering import RenderedSetting
from workbench.said import sentence
from workbench.silences import ALTERNATIVES, said_choice

LADDERS = 18


def choices(protocol: Protocol, settings: Sequence[RenderedSetting]) -> Iterator[str]:
    """Yield the section: each silence with its settings, then what else was decided."""
    yield heading(2, "Where the text is silent", "silent")
    yield (
        "What the text leaves open is decided here and nowhere in code. It can be decided otherwise, by a new"
        " version of the file."
    )
    for silence in SILENCES:
        yield heading(3, f"{silence}. {sentence(ABOUT[silence][0]).rstrip('.')}", f"silence-{silence}")
        here = [each for each in settings if each.silence == silence]
        alone = len(here) == 1
        yield "\n".join(_decided(each, protocol, alone=alone) for each in here) or _undecided(silence)
        yield f"*What could be chosen:* {ALTERNATIVES[silence]}"
    beyond = [each for each in settings if each.silence is None]
    if beyond:
        yield heading(3, "And beside these", "silence-none")
        yield "\n".join(_decided(each, protocol, alone=False) for each in beyond)


def _decided(setting: RenderedSetting, protocol: Protocol, *, alone: bool) -> str:
    if setting.value is None:
        said = "does not come up here"
    else:
        said = said_choice(setting.id, protocol.settings[setting.id].value, setting.value)
    name = "" if alone else f"{setting.id.replace('_', ' ')}: "
    return f"{'' if alone else '* '}**{sentence(f'{name}{said}')}** {setting.why}"


def _undecided(silence: int) -> str:
    return "See the reminders below." if silence == LADDERS else "Not decided in this file."
