"""What a parent without parental responsibility is told of the child, by decision alone."""
