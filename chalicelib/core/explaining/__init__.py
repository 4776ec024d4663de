"""Why things are as they stand: the pattern read back, as data and as sentences."""

from chalicelib.core.explaining.duties import explain_duties as explain_duties
from chalicelib.core.explaining.duties import explain_duty as explain_duty
from chalicelib.core.explaining.flags import explain_flag as explain_flag
from chalicelib.core.explaining.flags import explain_refusal as explain_refusal
from chalicelib.core.explaining.holds import explain_hold as explain_hold
from chalicelib.core.explaining.notices import explain_notice as explain_notice
from chalicelib.core.explaining.reasons import said_reason as said_reason
