"""What somebody, or the leader of some service, is to do."""
