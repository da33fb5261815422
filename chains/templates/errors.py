"""What can go wrong with a prompt template, written for the person who meets it.

ChainError
├── BadTemplate      one template cannot be used or saved, with the reason
├── BadTemplateFile  a YAML text is no collection of templates, with the reason and the line
└── TemplateNeeded   the technique asks with a template, and none was chosen
"""

from chains.errors import ChainError


class BadTemplate(ChainError):
    """A template cannot be used, saved or found."""

    en = 'The template "{name}" cannot be used: {reason}'
    ko = "'{name}' 템플릿을 쓸 수 없어요: {reason}"


class BadTemplateFile(ChainError):
    """A text with templates cannot be imported; nothing of it was."""

    en = "The templates cannot be imported: {reason}"
    ko = "템플릿을 가져올 수 없어요: {reason}"


class TemplateNeeded(ChainError):
    """The technique "template" was chosen without a template."""

    en = "This technique asks with a template of your own. Choose one, or choose another technique."
    ko = "직접 만든 템플릿으로 묻는 기법이에요. 템플릿을 고르거나 다른 기법을 골라 주세요."
