"""How the program becomes packages that install on a machine without Python."""
