"""What may be wrong, with the sentence that says so and what to do."""
