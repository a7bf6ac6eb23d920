"""Who looked at a child's record, and who changed it."""
