"""The front of house: which doors exist."""

from chalice.app import Chalice

from chalicelib.entrypoints.answers import in_plain_words
from chalicelib.entrypoints.api import api
from chalicelib.entrypoints.calendar import calendar
from chalicelib.entrypoints.clock import clock
from chalicelib.entrypoints.moves import moves
from chalicelib.entrypoints.operations import operations
from chalicelib.entrypoints.protocols import protocols
from chalicelib.entrypoints.receipts import receipts
from chalicelib.entrypoints.webhooks import webhooks

# Chalice's own log handler prints an error with its text, in which a name may be: ours does not.
app = Chalice(app_name="holdfast", configure_logs=False)
app.register_middleware(in_plain_words, "http")
app.register_blueprint(api)
app.register_blueprint(calendar)
app.register_blueprint(moves)
app.register_blueprint(operations)
app.register_blueprint(protocols)
app.register_blueprint(webhooks)
app.register_blueprint(receipts)
app.register_blueprint(clock)
