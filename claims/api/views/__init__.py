"""One class an address, one method a verb: who may, find, read the body, call the action, answer."""
