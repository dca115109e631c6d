"""How a version becomes champion, and how it stops being it."""
