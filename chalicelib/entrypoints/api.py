"""The JSON doors: facts and proposals in, cases out."""

from chalice.app import Blueprint

api = Blueprint(__name__)


@api.route("/healthz", methods=["GET"])
def healthz() -> dict[str, str]:
    """Say that the service answers; touches nothing and needs no credential."""
    return {"status": "ok"}
