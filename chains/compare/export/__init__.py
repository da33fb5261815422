"""Use the winner elsewhere: a column as a short Python script on LangChain that runs by itself.

    export(column, language, choices) -> the script's text

The script holds the column's prompts as Maru sends them, found by letting the technique write them around
marks in place of the question, of two passages, and of two choices where the questions have some. A technique
whose next prompt depends on what the model said before cannot be written down like this, and is refused by
name.
"""

from chains.compare.experiment import Column
from chains.compare.export.prompts import Exported, exported
from chains.compare.export.script import script

__all__ = ["Exported", "export", "exported"]


def export(column: Column, language: str = "en", choices: bool = False) -> str:
    """The script, for questions in that language ("en", "ko"), with `choices` or without. Raises
    NotExportable, TechniqueNotFound."""
    return script(column, exported(column, language, choices))
