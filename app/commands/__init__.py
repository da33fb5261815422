"""One file per command of the command line; the file name is the command.

A command has HELP (a sentence in both languages), OUTPUT (the shape of its JSON document),
`add_arguments(parser, language)` and `run(args, console) -> exit status`. Importing one is quick: it is
imported for `--help`.
"""
