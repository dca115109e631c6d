"""What /metrics says, read as Prometheus reads it."""

from prometheus_client.parser import text_string_to_metric_families


def read(text):
    """(name, *labels) -> value."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text, name, **labels):
    """Of `credit_scoring_NAME` with these labels."""
    return read(text)[f"credit_scoring_{name}", *sorted(labels.items())]
