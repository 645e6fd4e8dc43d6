"""A code frame learnt from answers that people have coded, and from what its codes are called.

Each code is a logistic regression on what answers mean, what words they use and who is near them
(`analysis.topics`), whose starting point is how near an answer is to the code's name and
description: without any coded answer that is all there is, and each coded one moves it.
"""

from analysis.coding.agreement import agreement
from analysis.coding.answers import Answers, Named, similar
from analysis.coding.asking import Suggestion, following, suggest
from analysis.coding.frame import NONE, Code, Coded, read_coded, read_frame
from analysis.coding.learning import DOUBTFUL, Predicted, predict
from analysis.coding.reasons import why

__all__ = [
    "DOUBTFUL",
    "NONE",
    "Answers",
    "Code",
    "Coded",
    "Named",
    "Predicted",
    "Suggestion",
    "agreement",
    "following",
    "predict",
    "read_coded",
    "read_frame",
    "similar",
    "suggest",
    "why",
]
