"""The guardians' and the child's own first page."""
