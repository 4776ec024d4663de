"""What anybody's smallest service of this sort would be: one route, one adapter, one transaction.

Run by bench/cold.py in a process of its own, on the same packages as ours. It is given the items to
store, so it works nothing out.
"""

import base64
import json
import sys
from dataclasses import dataclass

from chalice.app import Chalice
from pydantic import TypeAdapter
from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

given = json.load(sys.stdin)
app = Chalice(app_name="peer")


@dataclass(frozen=True)
class Referral:
    on: str
    authority: str
    child_reference: str
    reasons: tuple[str, ...]
    allocations: dict[str, str]


class Item(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute(null=True)
    attempts = NumberAttribute(null=True)
    in_force = BooleanAttribute(null=True)
    body = UnicodeAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    case_id = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    next_action_at = UnicodeAttribute(null=True)
    list_key = UnicodeAttribute(null=True)
    list_sort = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    queue = UnicodeAttribute(null=True)
    next_attempt_at = UnicodeAttribute(null=True)
    changed_at = UnicodeAttribute(null=True)


def model_for(table: str) -> type[Item]:
    class Bound(Item):
        class Meta:
            table_name = table

    return Bound


@app.route("/v1/referrals", methods=["POST"])
def refer() -> dict[str, str]:
    request = app.current_request
    assert request
    TypeAdapter(Referral).validate_json(request.raw_body)
    models: dict[str, type[Item]] = {}
    with TransactWrite(connection=Connection()) as transaction:
        for each in given["write"]["TransactItems"]:
            table = each["Put"]["TableName"]
            model = models.setdefault(table, model_for(table))
            item = model()
            stored = each["Put"]["Item"]
            if "packed" in stored:
                stored["packed"] = {"B": base64.b64decode(stored["packed"]["B"])}
            item.deserialize(stored)
            transaction.save(item, condition=Item.pk.does_not_exist())
    return {"status": "stored"}


answered = app(given["event"], None)
assert answered["statusCode"] == 200, answered
