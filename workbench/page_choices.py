"""What a protocol's page says of the silences of its text: what was chosen, why, and what else there is."""

from collections.abc import Iterator, Sequence

from chalicelib.core.labels import said_roles
from chalicelib.core.protocol import Protocol
from chalicelib.protocol_reading.settings import SILENCES
from workbench.design.silences import ABOUT
from workbench.markdown import heading
from workbench.rendering import RenderedSetting
from workbench.said import sentence
from workbench.silences import ALL_HOLD, ALTERNATIVES, LABELS, said_choice

# Two silences are answered by sections of their own.
ELSEWHERE = {17: "see the roles below", 18: "see the reminders below"}


def choices(protocol: Protocol, settings: Sequence[RenderedSetting]) -> Iterator[str]:
    """Yield the section: each silence with its settings, then what else was decided."""
    yield heading(2, "Where the text is silent", "silent")
    yield (
        "What the text leaves open is decided here and nowhere in code. It can be decided otherwise, by a new"
        " version of the file."
    )
    for silence in SILENCES:
        yield heading(3, f"{silence}. {sentence(ABOUT[silence]).rstrip('.')}", f"silence-{silence}")
        here = [each for each in settings if each.silence == silence]
        alone = len(here) == 1
        yield "\n".join(_decided(each, protocol, alone=alone) for each in here) or _undecided(silence)
        yield f"*What could be chosen:* {ALTERNATIVES[silence]}"
    beyond = [each for each in settings if each.silence is None]
    if beyond:
        yield heading(3, "And beside these", "silence-none")
        yield "\n".join(_decided(each, protocol, alone=False) for each in beyond)


def _decided(setting: RenderedSetting, protocol: Protocol, *, alone: bool) -> str:
    """Return one decision and why; what it is about is said where its value doesn't say it."""
    about = LABELS.get(setting.id, "" if alone else setting.id.replace("_", " "))
    if setting.value is None:
        about = "" if alone else about
        said = ELSEWHERE.get(setting.silence or 0, "does not come up here")
    else:
        said = _chosen(setting, protocol, setting.value)
    return f"{'' if alone else '* '}**{sentence(f'{about}: {said}' if about else said)}** {setting.why}"


def _chosen(setting: RenderedSetting, protocol: Protocol, otherwise: str) -> str:
    value = protocol.settings[setting.id].value
    if setting.id in ALL_HOLD and isinstance(value, list):
        return said_roles(value, protocol, "and")
    return said_choice(setting.id, value, otherwise)


def _undecided(silence: int) -> str:
    return sentence(ELSEWHERE.get(silence, "not decided in this file"))
