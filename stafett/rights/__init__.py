"""What a child and its family may demand (GDPR art. 15-21): a copy, and that use is restricted."""
