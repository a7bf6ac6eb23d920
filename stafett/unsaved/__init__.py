"""What somebody is writing and has not saved where it belongs: his alone, and gone in time."""
