"""A walk as a timeline: worked out once (`picture`), drawn (`drawing`) or written out (`lines`)."""
