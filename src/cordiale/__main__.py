"""`python -m cordiale` is the command `cordiale`."""

from cordiale.doors.cli.main import main

if __name__ == "__main__":
    main()
