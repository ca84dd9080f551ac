"""The messages that the services exchange: one frozen type each, one codec, one decoding error.

Pure values: nothing here reads a clock, a file or Kafka.
"""

from selfheal.records.adapters import Pin, Pointer
from selfheal.records.codec import DecodingError, decode, encode
from selfheal.records.control import (
    ActivateCommand,
    Command,
    PinCommand,
    RollBackCommand,
    ThresholdsCommand,
    decode_command,
)
from selfheal.records.feedback import (
    Conflict,
    Features,
    Feedback,
    Label,
    Moments,
    Sample,
    Summary,
    decode_feedback,
)
from selfheal.records.label_requests import LabelRequest
from selfheal.records.predictions import Prediction

__all__ = [
    "ActivateCommand",
    "Command",
    "Conflict",
    "DecodingError",
    "Features",
    "Feedback",
    "Label",
    "LabelRequest",
    "Moments",
    "Pin",
    "PinCommand",
    "Pointer",
    "Prediction",
    "RollBackCommand",
    "Sample",
    "Summary",
    "ThresholdsCommand",
    "decode",
    "decode_command",
    "decode_feedback",
    "encode",
]
