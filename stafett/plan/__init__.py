"""The plan: goals, measures, versions that never change, and what came of them."""
