"""Questions about days: what is asked (`question`), by which calendar (`counted_by`), and the answer."""
