"""The birth of a child whose record was the pregnant person's, and a pregnancy that ends."""
