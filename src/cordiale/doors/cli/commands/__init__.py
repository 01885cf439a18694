"""The commands, a file each; `cordiale.doors.cli.main` has the table."""
