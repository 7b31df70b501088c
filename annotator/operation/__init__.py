"""What operators and every answer need: headers, logs, health, metrics."""
