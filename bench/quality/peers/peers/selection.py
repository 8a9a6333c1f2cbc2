"""By what a peer's settings are selected: always on the customers held out in the newest closed window."""

import numpy as np

# Between counts (1) and a gamma (2), as spend with many zeros is.
TWEEDIE_POWER = 1.5


def tweedie_deviance(actual: np.ndarray, expected: np.ndarray) -> float:
    """Mean Tweedie deviance at power 1.5; actual >= 0, expected > 0 (Jorgensen 1987)."""
    p = TWEEDIE_POWER
    terms = (
        actual ** (2 - p) / ((1 - p) * (2 - p))
        - actual * expected ** (1 - p) / (1 - p)
        + expected ** (2 - p) / (2 - p)
    )
    return float(2 * terms.mean())


def normalised_gini(actual: np.ndarray, score: np.ndarray) -> float:
    """Area between the gain curve and the diagonal, over that of the perfect order."""

    def area(order: np.ndarray) -> float:
        return float((np.cumsum(actual[order]) / actual.sum()).mean() - (len(actual) + 1) / (2 * len(actual)))

    perfect = area(np.argsort(-actual, kind="stable"))
    return area(np.argsort(-score, kind="stable")) / perfect if perfect > 0 else 0.0


def selection_loss(actual: np.ndarray, expected: np.ndarray) -> float:
    """
    Tweedie deviance over that of the constant mean, plus 1 - normalised Gini: the level and the order of the
    predictions, both free of scale and less at the mercy of one large customer than a squared error. Negative labels
    count as 0. The lower the better; 2 is a constant.
    """
    actual = np.maximum(actual, 0)
    mean = actual.mean()
    if not mean > 0 or not np.isfinite(expected).all():
        return float("inf")
    # A prediction of 0 for somebody who buys would have an infinite deviance.
    floored = np.maximum(expected, 0.01 * mean)
    relative = tweedie_deviance(actual, floored) / tweedie_deviance(actual, np.full_like(actual, mean))
    return relative + 1 - normalised_gini(actual, expected)
