"""What was seen, what changed, who has been told."""
