"""A judge that says what it is told to, and keeps what it was asked; and replies for it to say."""

import json

from derender.models.chat import Answer, ImagePart, Sample, Usage
from derender.models.errors import ModelError


class Scripted:
    """A `ChatModel` that gives its replies in turn; the last one again and again."""

    name = identity = "scripted"

    def __init__(self, *replies, usage=None):
        self.replies = list(replies)
        self.usage = usage or Usage(1000, 100)
        self.asked = []

    async def ask(self, messages, sampling=None, *, deadline=None, item=None):
        self.asked.append((list(messages), sampling, item))
        said = self.replies[min(len(self.asked), len(self.replies)) - 1]
        if isinstance(said, Exception):
            raise said
        return Answer((said if isinstance(said, Sample) else Sample(said),), self.name, self.usage)

    def texts(self, call=0):
        """All that was said to it in words."""
        return "\n".join(part for message in self.asked[call][0] for part in message.parts if isinstance(part, str))

    def pictures(self, call=0):
        return [part for message in self.asked[call][0] for part in message.parts if isinstance(part, ImagePart)]


def reply(rubric, score=4.0, **more):
    scores = dict.fromkeys(rubric.ids, score) if not isinstance(score, dict) else score
    said = {
        "category_scores": scores,
        "rationales": dict.fromkeys(scores, "as it is"),
        "strengths": ["words", "lines", "colours", "more"],
        "issues": ["a", "b", "c", "d", "e", "f"],
        "overall_summary": "fine",
        "addressed_to_judge": [],
    }
    return json.dumps({**said, **more})


DOWN = ModelError("the endpoint can't be reached")
