"""Claim, Article, Outlet -> Unit and Assignment: who labels what, with overlap that is exact under load."""
