"""Looks that somebody should ask about, and a random few; judged by people, never by numbers."""
