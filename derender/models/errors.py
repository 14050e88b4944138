"""What can go wrong between a question and its answer.

::

    ModelError(DerenderError)    there is no useful answer; one sentence, never the key. Ours, never a model's zero
    ├── Rejected                 the endpoint would not do what it was asked; it may do less
    ├── BadKey                   the endpoint wants another key
    ├── NotRecorded              a replay holds no answer to what was asked
    └── NoAnswer                 the model answered, but refused or said nothing of use; its own fault; keeps the reply
"""

from derender.core import DerenderError, NoProgram


class ModelError(DerenderError):
    """There is no useful answer, and it is not the model's doing: never to be scored."""


class Rejected(ModelError):
    """The endpoint was reached and would not do what it was asked; it may do less."""


class BadKey(ModelError):
    """The endpoint wants a key, or another one."""


class NotRecorded(ModelError):
    """A replay holds no answer to what was asked."""


class NoAnswer(ModelError, NoProgram):
    """The model answered without a program.

    Attributes:
        reply: what it said instead.
    """

    def __init__(self, message: str, reply: str) -> None:
        super().__init__(message)
        self.reply = reply
