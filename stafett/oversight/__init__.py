"""The log of all looks, and who had access to whom: for who oversees, never content."""
