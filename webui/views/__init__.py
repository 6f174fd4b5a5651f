"""What pages and interface show: pure values made from the daemon's answers."""
