"""Signed webhooks from the council's other systems."""

from chalice.app import Blueprint

webhooks = Blueprint(__name__)
