"""One card a reviewer: how near to the others, where away from them, and what a person should look at."""
