"""Backups on two drives: fetch a sealed generation from the server, write it to each drive, prove it there."""
