"""Days counted and skipped as a calendar: what is shown (`span`, `months`), and how (`drawing`)."""
