"""Puts a mark in place of what differs from run to run."""

import re

RECORD_ID = re.compile("[a-z0-9]{15}")


class Marker:
    """Dates and ids that were given stay; those that the server made up become `<date>` and `<id>`, tokens `<token>`."""

    def __init__(self, data):
        self.given = set()
        self.learn(data)

    def learn(self, sent):
        """Takes note of every text and number in what is sent."""
        if isinstance(sent, dict):
            self.learn(list(sent.values()))
        elif isinstance(sent, list):
            for value in sent:
                self.learn(value)
        elif isinstance(sent, (str, int)):
            text = str(sent)
            self.given.update([text, *RECORD_ID.findall(text)])

    def mark(self, value):
        """The same value, marked, with sorted keys."""
        if isinstance(value, dict):
            return {name: self._mark_field(name, value[name]) for name in sorted(value)}
        if isinstance(value, list):
            return [self.mark(item) for item in value]
        return value

    def _mark_field(self, name, value):
        if name in ("created", "updated") and isinstance(value, str) and value and value not in self.given:
            return "<date>"
        if name == "id" and isinstance(value, str) and RECORD_ID.fullmatch(value) and value not in self.given:
            return "<id>"
        return "<token>" if name == "token" and isinstance(value, str) else self.mark(value)
