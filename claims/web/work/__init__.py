"""What people do: rounds, the labelling page, their own labels."""
