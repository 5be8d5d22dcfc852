"""What is read from other people's files: one small module for each source."""
