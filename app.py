"""The front of house: which doors exist."""

from chalice.app import Chalice

from chalicelib.entrypoints.api import api
from chalicelib.entrypoints.clock import clock
from chalicelib.entrypoints.receipts import receipts
from chalicelib.entrypoints.webhooks import webhooks

app = Chalice(app_name="holdfast")
app.register_blueprint(api)
app.register_blueprint(webhooks)
app.register_blueprint(receipts)
app.register_blueprint(clock)
