"""When to tell, what is worth telling, how to tell it."""
