"""What was approved, in MLflow: candidates, stages, archive, export."""
