"""What is known of the Home Credit tables: columns, cleaning, features, factors."""
