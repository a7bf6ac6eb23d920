"""Proofs of who may see what. `make proof` runs them whole, `make test` a sample of each."""

import os

WHOLE = os.environ.get("STAFETT_PROOF") == "whole"
"""Whether all there is is tried, which takes minutes, or a sample."""
PARTS = 4 if WHOLE else 1
"""In how many tests the longest proofs are told, so that processors share them."""
