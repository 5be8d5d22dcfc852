"""The release: what is written, and how it takes the place of the one before."""
