"""What must I do now: reads many features, changes none."""
