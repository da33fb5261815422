"""One file per command of the command line; the file name is the command.

A command has HELP (a sentence in both languages), `add_arguments(parser, language)` and
`run(args, console) -> exit status`. Importing it is quick: it is imported for `--help`.
"""
