"""The messages that the services exchange: one frozen type each, one codec, one decoding error.

Pure values: nothing here reads a clock, a file or Kafka.
"""

from selfheal.records.adapters import Pin, Pointer
from selfheal.records.codec import DecodingError, decode, encode
from selfheal.records.control import (
    ActivateCommand,
    Command,
    ModelCommand,
    PinCommand,
    RollBackCommand,
    ThresholdsCommand,
    decode_command,
)
from selfheal.records.events import ACTIONS, EVENTS, Event
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
from selfheal.records.thresholds import Thresholds, read_thresholds, with_values

__all__ = [
    "ACTIONS",
    "EVENTS",
    "ActivateCommand",
    "Command",
    "Conflict",
    "DecodingError",
    "Event",
    "Features",
    "Feedback",
    "Label",
    "LabelRequest",
    "ModelCommand",
    "Moments",
    "Pin",
    "PinCommand",
    "Pointer",
    "Prediction",
    "RollBackCommand",
    "Sample",
    "Summary",
    "Thresholds",
    "ThresholdsCommand",
    "decode",
    "decode_command",
    "decode_feedback",
    "encode",
    "read_thresholds",
    "with_values",
]
