"""Everything that calls MLflow: runs, logged models, versions, promotion, export."""
