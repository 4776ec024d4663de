"""Who is asked for in a fact and isn't there."""

# A part of a fact that says why somebody was not invited, or wasn't there.
WHY_NOT = "why_not_"
