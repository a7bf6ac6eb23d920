"""Break-glass: one child's record opened for an hour when nobody who knows it can be reached."""
