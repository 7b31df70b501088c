"""What there is to judge: import, jobs, articles, claims, the codebook."""
