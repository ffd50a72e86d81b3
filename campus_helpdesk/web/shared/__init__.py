"""What the portal's and the desk's pages share: reading lists and tickets, posting to them."""
