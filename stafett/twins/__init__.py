"""Two records of one child become one, and within a day two again."""
