"""For whom something in a record is: the choice, the rule and the form of it."""
