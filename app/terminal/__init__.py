"""What the commands of the command line share: where they write, what they read, how they stop."""
