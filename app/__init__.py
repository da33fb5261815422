"""The browser application and the command line: the only package that imports gradio."""
