"""What people do: one function per command, by topic."""
