"""A ticket by its secret link, for whoever holds the link: no role is needed."""
