"""Prompt templates as data: the roles and instructions that come with Maru, and a person's own."""

from chains.question import Template
from chains.templates.built_in import built_in_templates
from chains.templates.difference import Line, difference
from chains.templates.errors import BadTemplate, BadTemplateFile, TemplateNeeded
from chains.templates.rendering import VARIABLES, check, render
from chains.templates.store import TemplateStore

__all__ = [
    "VARIABLES",
    "BadTemplate",
    "BadTemplateFile",
    "Line",
    "Template",
    "TemplateNeeded",
    "TemplateStore",
    "built_in_templates",
    "check",
    "difference",
    "render",
]
