"""What a language model suggests of an article; people take it over or not. Off without MODEL_ENDPOINT."""
