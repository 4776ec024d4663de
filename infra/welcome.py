"""What `make run` says when everything is up: where things are, and a request that can be pasted."""

import json

from chalicelib.clock import today
from infra import riverbank
from infra.deploy import Stack
from infra.emulator import Emulator

TEXT = """
  The API           {address}
  A token           {token}
                    of Riverbank Council, which is invented, as are all its people
  Mail              {mailbox}
  Topics' notices   {notices}

A referral, ready to send; the reviewing officer has an e-mail a second later:

curl -sS {address}/v1/referrals \\
  -H 'Authorization: Bearer {token}' \\
  -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s)" \\
  -d '{referral}'

"""


def text(stack: Stack, token: str, running: Emulator) -> str:
    """Say where everything is."""
    return TEXT.format(
        address=stack.address(),
        token=token,
        mailbox=running.mailbox,
        notices=running.queues,
        referral=json.dumps({"on": today().isoformat(), **riverbank.REFERRAL}),
    )
