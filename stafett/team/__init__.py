"""Ansvarsgruppe and coordinators: who works around the child, and since when."""
