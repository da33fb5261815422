"""The Compare tab: one question in many ways, sets of questions, runs and their results."""
