"""Prompt templates as data: the roles and instructions that come with Maru, and a person's own."""
