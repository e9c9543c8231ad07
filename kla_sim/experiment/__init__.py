"""What is tried with a scenario: a run (the one loop over replications) and comparisons."""
