"""Questions from one service to another that name no child, as everybody at level 0 may ask."""
