"""The demo kommune and synthetic kommuner of any size; nothing else in the product uses them."""
