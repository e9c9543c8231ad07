"""What is shown of a run: the answer in words, and figures, their data apart from the drawing."""
