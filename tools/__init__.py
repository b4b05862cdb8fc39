"""Tools of the developer: nothing in the product imports them."""
