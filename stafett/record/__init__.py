"""The child's page, and the list of one's children: reads the features below."""
