"""Training: models, data, trainers, averaging and evaluation."""
