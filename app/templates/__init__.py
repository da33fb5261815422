"""The sheet on which a person writes prompt templates: the form, its preview, versions, files."""
