"""What the bundled workstation starts with."""

from ejournal_desktop.__main__ import main

if __name__ == "__main__":
    main()
